package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	core "k8s.io/api/core/v1"
	absent "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// A cluster that runs, as its starter knows it.
type cluster struct {
	plan
	authority *authority
	machines  map[string]*os.Process
	client    *kubernetes.Clientset
}

// Starts a cluster and stays until it is told to end. On standard output: "ready" once, then an answer to each line of standard
// input ("kill node-2", "start node-2") if it was called with --lease.
func up(args []string) error {
	lease := false
	p, _, err := planOf("up", args, func(flags *flag.FlagSet) {
		flags.BoolVar(&lease, "lease", false, "ends with standard input, whose lines are orders")
	})
	if err != nil {
		return err
	}
	// The machines end with this thread.
	runtime.LockOSThread()
	if err := os.MkdirAll(p.Data, 0o755); err != nil {
		return err
	}
	lock, err := p.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	c := &cluster{plan: p, machines: map[string]*os.Process{}}
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	lines := make(chan string)
	if lease {
		go read(os.Stdin, lines)
	}
	err = c.start(told)
	if err == nil {
		fmt.Println("ready")
		err = c.serve(told, lines)
	}
	return errors.Join(err, c.stop())
}

func read(from io.Reader, lines chan<- string) {
	defer close(lines)
	for scanner := bufio.NewScanner(from); scanner.Scan(); {
		lines <- scanner.Text()
	}
}

func (p plan) lock() (*os.File, error) {
	lock, err := os.OpenFile(p.file("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, fmt.Errorf("a cluster runs in %s already", p.Data)
	}
	return lock, nil
}

func (c *cluster) start(told <-chan os.Signal) error {
	if err := c.sweep(); err != nil {
		return err
	}
	// Of a cluster that was here before, nothing is taken over.
	for n := 0; n <= c.Nodes; n++ {
		if err := os.RemoveAll(c.dir(c.machine(n))); err != nil {
			return err
		}
	}
	var err error
	if c.authority, err = makeCertificates(c.plan); err != nil {
		return err
	}
	programs, err := c.controlPrograms(c.authority)
	if err != nil {
		return err
	}
	if err := c.startMachine(control, false, programs, func(pid int) error { return c.plugControl(pid) }); err != nil {
		return err
	}
	for n := 1; n <= c.Nodes; n++ {
		if err := c.startNode(n); err != nil {
			return err
		}
	}
	settings, err := clientcmd.BuildConfigFromFlags("", c.kubeconfig())
	if err != nil {
		return err
	}
	if c.client, err = kubernetes.NewForConfig(settings); err != nil {
		return err
	}
	for n := 1; n <= c.Nodes; n++ {
		if err := c.waitForNode(n, told); err != nil {
			return err
		}
	}
	return nil
}

func (c *cluster) startNode(n int) error {
	programs, err := c.nodePrograms(c.authority, n)
	if err != nil {
		return err
	}
	return c.startMachine(c.node(n), true, programs, func(pid int) error { return c.plugNode(n, pid, c.machines[control].Pid) })
}

func (c *cluster) startMachine(name string, node bool, programs []program, plug func(pid int) error) error {
	// As after a boot: no sockets and no state of before.
	if err := os.RemoveAll(filepath.Join(c.dir(name), "run")); err != nil {
		return err
	}
	if err := os.MkdirAll(c.dir(name), 0o755); err != nil {
		return err
	}
	process, tell, err := startMachine(name)
	if err != nil {
		return err
	}
	defer tell.Close()
	c.machines[name] = process
	if err := os.WriteFile(filepath.Join(c.dir(name), "pid"), []byte(strconv.Itoa(process.Pid)), 0o644); err != nil {
		return err
	}
	if err := c.moveIntoGroup(name, process.Pid); err != nil {
		return err
	}
	if err := plug(process.Pid); err != nil {
		return err
	}
	all, err := hierarchies()
	if err != nil {
		return err
	}
	return json.NewEncoder(tell).Encode(orders{
		Name: name, Data: c.Data, Node: node, Hierarchies: all, Programs: programs,
		// Nothing of the caller's: a proxy's address among it would take requests to the cluster elsewhere.
		Environment: []string{"PATH=" + c.Bin + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "KUBECONFIG=" + c.kubeconfig()},
	})
}

// Gives the node its range of addresses for pods and waits until it says that it is ready.
func (c *cluster) waitForNode(n int, told <-chan os.Signal) error {
	name := c.node(n)
	said, paused := "", false
	// As long as nobody ends it: a slow machine is no error.
	for {
		select {
		case <-told:
			return fmt.Errorf("told to end before %s was ready: %s", name, said)
		case <-time.After(200 * time.Millisecond):
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		node, err := c.client.CoreV1().Nodes().Get(ctx, name, meta.GetOptions{})
		if err == nil && node.Spec.PodCIDR == "" {
			patch := fmt.Sprintf(`{"spec":{"podCIDR":%q,"podCIDRs":[%q]}}`, c.podsOf(n), c.podsOf(n))
			_, err = c.client.CoreV1().Nodes().Patch(ctx, name, types.StrategicMergePatchType, []byte(patch), meta.PatchOptions{})
		}
		cancel()
		if err == nil && !paused {
			// It has registered, so its containerd answers.
			if err := c.loadPause(name); err != nil {
				return err
			}
			paused = true
		}
		now := readiness(node, err)
		if now == "" {
			return nil
		}
		if now != said {
			said = now
			fmt.Fprintf(os.Stderr, "%s: %s\n", name, said)
		}
	}
}

func (c *cluster) loadPause(name string) error {
	file := c.file("pause.tar")
	if err := writeImage(file, pauseImage, filepath.Join(c.Bin, "pause")); err != nil {
		return err
	}
	return importInto(filepath.Join(c.dir(name), "run/containerd/containerd.sock"), file)
}

// Why a node is not ready; empty: it is.
func readiness(node *core.Node, err error) string {
	if absent.IsNotFound(err) {
		return "has not registered yet"
	}
	if err != nil {
		return "no answer from the API server yet"
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == core.NodeReady {
			if condition.Status == core.ConditionTrue {
				return ""
			}
			return condition.Message
		}
	}
	return "has said nothing about itself yet"
}

// Until a signal, the end of the lines, or the end of the control machine.
func (c *cluster) serve(told <-chan os.Signal, lines <-chan string) error {
	ended := make(chan struct{})
	go func() {
		_, _ = c.machines[control].Wait()
		close(ended)
	}()
	for {
		select {
		case <-told:
			return nil
		case <-ended:
			return errors.New("the control machine has ended")
		case line, more := <-lines:
			if !more {
				return nil
			}
			if err := c.obey(line, told); err != nil {
				fmt.Println("error:", err)
			} else {
				fmt.Println("done:", line)
			}
		}
	}
}

func (c *cluster) obey(line string, told <-chan os.Signal) error {
	words := strings.Fields(line)
	if len(words) != 2 || !strings.HasPrefix(words[1], "node-") {
		return fmt.Errorf("%q is no order: kill node-N, start node-N", line)
	}
	n, err := strconv.Atoi(strings.TrimPrefix(words[1], "node-"))
	if err != nil || n < 1 || n > c.Nodes {
		return fmt.Errorf("there is no %s", words[1])
	}
	running := c.machines[words[1]]
	switch {
	case words[0] == "kill" && running != nil:
		return c.kill(words[1])
	case words[0] == "start" && running == nil:
		if err := c.startNode(n); err != nil {
			return err
		}
		return c.waitForNode(n, told)
	}
	return fmt.Errorf("%q: not possible now", line)
}

// As when the current fails: nothing of the machine goes on.
func (c *cluster) kill(name string) error {
	process := c.machines[name]
	delete(c.machines, name)
	_ = process.Kill()
	_, err := process.Wait()
	// serve collects the control machine's end, too.
	if errors.Is(err, syscall.ECHILD) || errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	return errors.Join(err, os.Remove(filepath.Join(c.dir(name), "pid")))
}

func (c *cluster) stop() error {
	var all error
	for name := range c.machines {
		all = errors.Join(all, c.kill(name))
	}
	return errors.Join(all, c.unplugCaller(), c.sweepGroups())
}

// What a cluster that was killed in this folder has left: groups, for a moment processes.
func (p plan) sweep() error {
	removeEmptyGroups()
	return p.sweepGroups()
}

func sweepCommand(args []string) error {
	p, _, err := planOf("sweep", args, nil)
	if err != nil {
		return err
	}
	if _, err := os.Stat(p.Data); os.IsNotExist(err) {
		return nil
	}
	lock, err := p.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	return p.sweep()
}
