# Brings models from the bucket to the instance store. Rendered by stacks/hosts.py, which puts the variables in front:
# BUCKET, MODELS (the folder that vLLM's tasks see, read-only, as /models), ARRIVING (a folder beside it).
#
# A timer runs it each minute, so that a new model is there before a release asks for it. A model counts once its
# marker is in the bucket (`models/NAME@REVISION/.complete`, uploaded last), and appears in MODELS whole, by one
# rename: a task that starts meanwhile finds it complete or not at all. Everything here is root's: no task can change
# what the next release loads, nor lead root elsewhere.
set -euo pipefail

command -v aws > /dev/null || dnf install -y -q awscli-2

# The newest first: that is the one that a release is about to ask for.
keys=$(aws s3api list-objects-v2 --bucket "$BUCKET" --prefix models/ --output text \
  --query 'reverse(sort_by(Contents || `[]`, &LastModified))[].Key')
models=()
for key in $keys; do
  case "$key" in models/*/.complete) ;; *) continue ;; esac
  model=${key#models/}
  model=${model%/.complete}
  case "$model" in *..*) echo "switchyard: $model is no name of a model" >&2; continue ;; esac
  models+=("$model")
done

# What the bucket no longer has goes once the disk fills; a task that runs keeps what it has loaded.
used_percent=$(df --output=pcent "$MODELS" | tr -dc '0-9')
if [ "${#models[@]}" -gt 0 ] && [ "$used_percent" -ge 80 ]; then
  while IFS= read -r marker; do
    here=${marker#"$MODELS"/}
    here=${here%/.complete}
    printf '%s\n' "${models[@]}" | grep -qxF -- "$here" || { rm -rf "${MODELS:?}/$here"; echo "switchyard: $here is gone"; }
  done < <(find "$MODELS" -name .complete)
fi

# One that cannot be brought keeps no other from coming.
failed=0
bring() {
  mkdir -p "$ARRIVING/$1" "$(dirname "$MODELS/$1")" &&
    aws s3 sync --only-show-errors "s3://$BUCKET/models/$1/" "$ARRIVING/$1/" &&
    chmod -R u=rwX,go=rX "$ARRIVING/$1" &&
    mv -T "$ARRIVING/$1" "$MODELS/$1" &&
    echo "switchyard: $1 is here"
}
for model in "${models[@]}"; do
  [ -d "$MODELS/$model" ] || bring "$model" || failed=1
done
exit "$failed"
