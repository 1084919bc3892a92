// A minimal operator on controller-runtime: the children of a template by server-side apply, a finalizer, one status.
//
// It is tuned as controller-runtime's documentation advises: no client-side rate limit, as many workers as the other
// contestants have requests in flight, and no reconcile for changes that are not of the spec. It watches no children, so it
// heals none and never reconciles twice: less than an operator has to do, and so the fastest that this library allows.
package main

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metrics "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

const name = "bench-controller-runtime"

var rootKind = schema.GroupVersionKind{Group: "managed.systems", Version: "v1alpha1", Kind: "ManagedVM"}

type template struct {
	Children []json.RawMessage `json:"children"`
	Status   json.RawMessage   `json:"status"`
}

type reconciler struct {
	client.Client
	template template
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	root := &unstructured.Unstructured{}
	root.SetGroupVersionKind(rootKind)
	if err := r.Get(ctx, request.NamespacedName, root); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if root.GetDeletionTimestamp() != nil {
		return ctrl.Result{}, nil
	}
	if before := root.DeepCopy(); controllerutil.AddFinalizer(root, "managed.systems/"+name) {
		if err := r.Patch(ctx, root, client.MergeFrom(before)); err != nil {
			return ctrl.Result{}, err
		}
	}
	for _, text := range r.template.Children {
		child := &unstructured.Unstructured{}
		if err := json.Unmarshal([]byte(rendered(text, root)), &child.Object); err != nil {
			return ctrl.Result{}, err
		}
		apply := client.ApplyConfigurationFromUnstructured(child)
		if err := r.Apply(ctx, apply, client.FieldOwner(name), client.ForceOwnership); err != nil {
			return ctrl.Result{}, err
		}
	}
	var status any
	if err := json.Unmarshal([]byte(rendered(r.template.Status, root)), &status); err != nil {
		return ctrl.Result{}, err
	}
	root.Object["status"] = status
	return ctrl.Result{}, r.Status().Update(ctx, root)
}

func rendered(text json.RawMessage, root *unstructured.Unstructured) string {
	return strings.NewReplacer(
		"@name@", root.GetName(),
		"@namespace@", root.GetNamespace(),
		"@uid@", string(root.GetUID()),
	).Replace(string(text))
}

func run() error {
	content, err := os.ReadFile(os.Getenv("BENCH_TEMPLATE"))
	if err != nil {
		return err
	}
	r := &reconciler{}
	if err := json.Unmarshal(content, &r.template); err != nil {
		return err
	}
	workers, err := strconv.Atoi(os.Getenv("BENCH_IN_FLIGHT"))
	if err != nil {
		return err
	}
	ctrl.SetLogger(zap.New())
	config := ctrl.GetConfigOrDie()
	config.QPS = -1
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Metrics:                metrics.Options{BindAddress: "0"},
		HealthProbeBindAddress: "127.0.0.1:" + os.Getenv("BENCH_HEALTH_PORT"),
		Client:                 client.Options{Cache: &client.CacheOptions{Unstructured: true}},
	})
	if err != nil {
		return err
	}
	r.Client = manager.GetClient()
	// Ready is what has its objects: the cache is filled before the first look at it answers.
	if err := manager.AddReadyzCheck("cache", cacheFilled(manager)); err != nil {
		return err
	}
	root := &unstructured.Unstructured{}
	root.SetGroupVersionKind(rootKind)
	if err := ctrl.NewControllerManagedBy(manager).
		For(root, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(r); err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}

func main() {
	if err := run(); err != nil {
		ctrl.Log.Error(err, "the operator ends")
		os.Exit(1)
	}
}
