# What a GPU host does at its first start. Rendered by stacks/hosts.py, which puts the variables in front:
# CLUSTER, MOUNT (where the instance store is mounted), CACHE and MODELS (folders on it), OWNER (vLLM's user and group),
# FETCH_MODELS (the script host_models.sh with its own variables).
#
# Models and compile caches lie on the instance's own NVMe disk: the root volume would load a model for minutes.
# cloud-init ends before ecs.service starts (its unit says After=cloud-final.service), so nothing is started here.
# A host whose disk is not mounted does not join the cluster: ecs.service asserts the mount, at every start.
set -euo pipefail

fail() {
  echo "switchyard: this host does not join the cluster: $1" >&2
  exit 1
}
trap 'fail "line $LINENO failed"' ERR

unit_file() {
  mkdir -p "$(dirname "$1")"
  cat > "$1"
}

# First of all, so that whatever fails below keeps the agent from starting.
unit_file /etc/systemd/system/ecs.service.d/10-switchyard.conf <<END
[Unit]
RequiresMountsFor=$MOUNT
AssertPathIsMountPoint=$MOUNT
END

# The GPU exporter is no root, and the socket of the host's DCGM engine lets only its owner in.
unit_file /etc/systemd/system/nvidia-dcgm.service.d/20-switchyard.conf <<'END'
[Service]
ExecStartPost=/bin/bash -c 'for second in {1..30}; do [ -S /run/nvidia-dcgm/nv-hostengine ] && exec chmod 0666 /run/nvidia-dcgm/nv-hostengine; sleep 1; done'
END
systemctl daemon-reload
systemctl --no-block try-restart nvidia-dcgm.service || true

# On Nitro an EBS volume is an NVMe device too: only the model tells them apart. One disk is enough where there are two.
disks=$(lsblk --nodeps --noheadings --paths --output NAME,MODEL | awk '/Amazon EC2 NVMe Instance Storage/ { print $1 }')
disk=$(sort <<< "$disks" | head -n 1)
[ -n "$disk" ] || fail "it has no NVMe instance store; choose an instance type that has one"

# A restart keeps the disk and what is on it; only an empty one gets a file system.
blkid "$disk" > /dev/null || mkfs.xfs -q "$disk"
mkdir -p "$MOUNT"
identity=$(blkid --match-tag UUID --output value "$disk")
grep -q " $MOUNT " /etc/fstab || echo "UUID=$identity $MOUNT xfs defaults,noatime,nofail 0 0" >> /etc/fstab
systemctl daemon-reload
mountpoint --quiet "$MOUNT" || mount "$MOUNT"
# vLLM writes its caches and reads models: what the next release loads is nobody's to change.
install -d -o "${OWNER%:*}" -g "${OWNER#*:}" -m 0770 "$CACHE"
install -d -o root -g root -m 0755 "$MODELS"

# Models come from the bucket, at once and then each minute; tasks start without waiting for them.
unit_file /usr/local/sbin/switchyard-models <<< "$FETCH_MODELS"
chmod 0755 /usr/local/sbin/switchyard-models
unit_file /etc/systemd/system/switchyard-models.service <<END
[Unit]
Description=Fetch models from the bucket to the instance store
RequiresMountsFor=$MOUNT
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/switchyard-models
END
unit_file /etc/systemd/system/switchyard-models.timer <<END
[Timer]
OnActiveSec=1
OnUnitInactiveSec=60
AccuracySec=1s
[Install]
WantedBy=timers.target
END
systemctl daemon-reload
systemctl enable --now switchyard-models.timer

# Images are pulled by digest, so a cached one is the right one; three hours keep the image of a rollback target.
cat > /etc/ecs/ecs.config <<END
ECS_CLUSTER=$CLUSTER
ECS_ENABLE_GPU_SUPPORT=true
ECS_ENABLE_TASK_IAM_ROLE=true
ECS_AWSVPC_BLOCK_IMDS=true
ECS_DISABLE_PRIVILEGED=true
ECS_IMAGE_PULL_BEHAVIOR=prefer-cached
ECS_IMAGE_MINIMUM_CLEANUP_AGE=3h
END
echo "switchyard: $disk is mounted at $MOUNT; joining cluster $CLUSTER"
