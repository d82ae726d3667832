"""The gateway alone, on this machine: what it is told, and its process. The gateway itself is app_image/, and is not
imported: it is another process here as well."""
