# Brings models from the bucket to the instance store. Rendered by stacks/hosts.py, which puts the variables in front:
# BUCKET, MODELS (the folder that vLLM's tasks see as /models), OWNER.
#
# A timer runs it each minute, so that a new model is there before a release asks for it. A model counts once its
# marker is in the bucket (`models/NAME@REVISION/.complete`, uploaded last), and appears in MODELS whole, by one
# rename: a task that starts meanwhile finds it complete or not at all.
set -euo pipefail

keys=$(aws s3api list-objects-v2 --bucket "$BUCKET" --prefix models/ --output text --query 'Contents[].Key')
for key in $keys; do
  case "$key" in */.complete) ;; *) continue ;; esac
  model=${key#models/}
  model=${model%/.complete}
  case "$model" in *..*) echo "switchyard: $model is no name of a model" >&2; continue ;; esac
  [ ! -d "$MODELS/$model" ] || continue
  arriving=$MODELS/.arriving/$model
  mkdir -p "$arriving"
  aws s3 sync --only-show-errors "s3://$BUCKET/models/$model/" "$arriving/"
  chown -R "$OWNER" "$arriving"
  mkdir -p "$(dirname "$MODELS/$model")"
  mv -T "$arriving" "$MODELS/$model"
  echo "switchyard: $model is here"
done
