#!/bin/sh
# A cluster with KubeVirt, CDI and Steward in Docker, for those who have it: hack/kind/up.sh [cluster name]. Run it again to update.
# VMs run under /dev/kvm where the machine has it, else under software emulation.
set -eu

cluster=${1:-steward}
kubevirt=v1.8.4
cdi=v1.63.0
image=steward:dev
root=$(cd "$(dirname "$0")/../.." && pwd)

for program in docker kind kubectl helm; do
  command -v "$program" >/dev/null || { echo "hack/kind/up.sh needs $program" >&2; exit 1; }
done

kind get clusters 2>/dev/null | grep -qx "$cluster" || kind create cluster --name "$cluster" --config "$root/hack/kind/cluster.yaml" --wait 2m
kubectl config use-context "kind-$cluster"

echo "── KubeVirt $kubevirt and CDI $cdi"
kubectl apply -f "https://github.com/kubevirt/kubevirt/releases/download/$kubevirt/kubevirt-operator.yaml"
kubectl apply -f "https://github.com/kubevirt/kubevirt/releases/download/$kubevirt/kubevirt-cr.yaml"
kubectl apply -f "https://github.com/kubevirt/containerized-data-importer/releases/download/$cdi/cdi-operator.yaml"
kubectl apply -f "https://github.com/kubevirt/containerized-data-importer/releases/download/$cdi/cdi-cr.yaml"
if ! docker exec "$cluster-control-plane" test -c /dev/kvm; then
  echo "   no /dev/kvm: software emulation"
  kubectl patch kubevirt kubevirt -n kubevirt --type merge \
    -p '{"spec":{"configuration":{"developerConfiguration":{"useEmulation":true}}}}'
fi

echo "── Steward"
docker build -t "$image" "$root"
kind load docker-image "$image" --name "$cluster"
kubectl create namespace golden-images --dry-run=client -o yaml | kubectl apply -f -
helm upgrade --install steward "$root/charts/steward" --namespace steward-system --create-namespace \
  --set image.tag=dev --set velero.createNamespace=true --set 'imageNamespaces={golden-images}'
kubectl rollout restart deployment/steward deployment/steward-guest -n steward-system
for deployment in steward steward-guest; do kubectl rollout status "deployment/$deployment" -n steward-system --timeout 2m; done

echo "── Waiting for KubeVirt and CDI, up to ten minutes"
kubectl wait kubevirt/kubevirt -n kubevirt --for condition=Available --timeout 10m
kubectl wait cdi/cdi --for condition=Available --timeout 10m

cat <<END

Ready. Order something:
  kubectl apply -k $root/config/samples
  kubectl get mvm,bp,mos -A
Remove it all: kind delete cluster --name $cluster
END
