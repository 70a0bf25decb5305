# Runs while the node image is built. Imports the component images into containerd's store, then
# checks that the store holds the sandbox image and every image that kubeadm needs.
set -euo pipefail

containerd > /tmp/containerd.log 2>&1 &
daemon=$!
for _ in $(seq 100); do
  ctr version > /dev/null 2>&1 && break
  sleep 0.1
done
ctr version > /dev/null || { cat /tmp/containerd.log; exit 1; }

ctr --namespace k8s.io images import --no-unpack --digests \
  --label io.cri-containerd.pinned=pinned /images.tar

held=$(ctr --namespace k8s.io images list --quiet)
sandbox=$(sed -n 's/^ *sandbox_image = "\(.*\)"$/\1/p' /etc/containerd/config.toml)
needed=$(kubeadm config images list --kubernetes-version "$(cat /kind/version)" | grep -v /pause:)
for image in $needed "$sandbox"; do
  grep -qxF "$image" <<< "$held" || { echo "error: images.tar does not hold $image, which the node image needs"; exit 1; }
done

kill "$daemon"
wait "$daemon" || true
rm -f /tmp/containerd.log
