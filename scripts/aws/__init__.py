"""AWS as the release engine sees it: typed reads, and writes that are data until they are executed."""
