package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/cloudnativelabs/kube-router/v2/pkg/controllers/netpol"
	"github.com/cloudnativelabs/kube-router/v2/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/v2/pkg/options"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// The part of kube-router that enforces network policies on a node: the plugins of CNI here know nothing of them.
func policies() {
	exitOn("network-policies", enforcePolicies(os.Args[1:]))
}

func enforcePolicies(args []string) error {
	kubeconfig, node, services := "", "", ""
	flags := flag.NewFlagSet("network-policies", flag.ContinueOnError)
	flags.StringVar(&kubeconfig, "kubeconfig", "", "")
	flags.StringVar(&node, "node", "", "")
	flags.StringVar(&services, "services", "", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	settings, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(settings)
	if err != nil {
		return err
	}
	config := options.NewKubeRouterConfig()
	config.EnableIPv4 = true
	config.ClusterIPCIDRs = []string{services}
	config.HostnameOverride = node
	config.IPTablesSyncPeriod = 5 * time.Minute

	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods().Informer()
	rules := factory.Networking().V1().NetworkPolicies().Informer()
	namespaces := factory.Core().V1().Namespaces().Informer()
	stop := make(chan struct{})
	factory.Start(stop)
	for kind, there := range factory.WaitForCacheSync(stop) {
		if !there {
			return fmt.Errorf("no list of %v", kind)
		}
	}
	commands, sets, err := netpol.NewIPTablesHandlers(config)
	if err != nil {
		return err
	}
	var mutex sync.Mutex
	controller, err := netpol.NewNetworkPolicyController(client, config, pods, rules, namespaces, &mutex, commands, sets)
	if err != nil {
		return err
	}
	_, ofPods := pods.AddEventHandler(controller.PodEventHandler)
	_, ofNamespaces := namespaces.AddEventHandler(controller.NamespaceEventHandler)
	_, ofRules := rules.AddEventHandler(controller.NetworkPolicyEventHandler)
	if err := errors.Join(ofPods, ofNamespaces, ofRules); err != nil {
		return err
	}
	// It tells how it does; the log says that, too.
	beats := make(chan *healthcheck.ControllerHeartbeat, 10)
	go func() {
		for range beats {
		}
	}()
	var running sync.WaitGroup
	running.Add(1)
	controller.Run(beats, stop, &running)
	return errors.New("ended")
}
