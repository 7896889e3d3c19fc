package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The two halves of a machine's first process; not for people.
const (
	machineWord  = "machine"
	machineWord2 = "machine-inside"
)

// What a machine is to do, told through descriptor 3.
type orders struct {
	Name        string
	Data        string
	Node        bool
	Hierarchies []hierarchy
	Environment []string
	Programs    []program
}

// A component: its first argument is the name by which it is called.
type program struct {
	Arguments []string
}

// Starts a machine's first process, which waits for its orders.
func startMachine(name string) (*os.Process, *os.File, error) {
	hear, tell, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer hear.Close()
	process, err := os.StartProcess("/proc/self/exe", []string{"etabli-cluster", machineWord, name}, &os.ProcAttr{
		Files: []*os.File{nil, os.Stderr, os.Stderr, hear},
		Sys: &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
			// The machine ends with the thread that started it, also when that is killed; all in it end with its first process.
			Pdeathsig: syscall.SIGKILL,
		},
	})
	return process, tell, err
}

// First half: waits until this process is in its control groups, takes a view of them that begins there, and becomes the second.
func machine([]string) error {
	var o orders
	if err := json.NewDecoder(os.NewFile(3, "orders")).Decode(&o); err != nil {
		return err
	}
	file := filepath.Join(o.Data, o.Name, "orders.json")
	text, err := json.Marshal(o)
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return err
	}
	// A view belongs to a thread: the one that becomes another program takes it along.
	runtime.LockOSThread()
	if err := syscall.Unshare(unix.CLONE_NEWCGROUP); err != nil {
		return err
	}
	return syscall.Exec("/proc/self/exe", []string{"etabli-cluster", machineWord2, file}, os.Environ())
}

// Second half: lays out the machine and keeps its programs running until it is killed.
func machineInside(args []string) error {
	var o orders
	text, err := os.ReadFile(args[0])
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil {
		return err
	}
	if err := syscall.Sethostname([]byte(o.Name)); err != nil {
		return err
	}
	if err := layOut(o); err != nil {
		return fmt.Errorf("%s: %w", o.Name, err)
	}
	m := &inhabited{orders: o, running: map[int]program{}}
	for _, p := range o.Programs {
		m.start(p)
	}
	return m.collect()
}

// The programs that run in a machine, by their numbers.
type inhabited struct {
	orders
	mutex   sync.Mutex
	running map[int]program
}

func (m *inhabited) start(p program) {
	// So that nobody collects it before it is known.
	m.mutex.Lock()
	defer m.mutex.Unlock()
	pid, err := p.start(m.orders)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %s: %v\n", m.Name, p.Arguments[0], err)
		return
	}
	m.running[pid] = p
}

// Collects whoever ends; also those who lost their parent in this machine come to its first process. Programs are started once more.
func (m *inhabited) collect() error {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		m.mutex.Lock()
		p, ours := m.running[pid]
		delete(m.running, pid)
		m.mutex.Unlock()
		if ours {
			fmt.Fprintf(os.Stderr, "%s: %s ended (%s); see %s; once more\n", m.Name, p.Arguments[0], ending(status), p.log(m.orders))
			// What cannot start would do nothing else.
			time.AfterFunc(time.Second, func() { m.start(p) })
		}
	}
}

func ending(status syscall.WaitStatus) string {
	if status.Signaled() {
		return status.Signal().String()
	}
	return fmt.Sprintf("status %d", status.ExitStatus())
}

func (p program) log(o orders) string {
	return filepath.Join(o.Data, o.Name, p.Arguments[0]+".log")
}

func (p program) start(o orders) (int, error) {
	log, err := os.OpenFile(p.log(o), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	pid, err := syscall.ForkExec("/proc/self/exe", p.Arguments, &syscall.ProcAttr{
		Dir: "/", Env: o.Environment, Files: []uintptr{null.Fd(), log.Fd(), log.Fd()}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err == nil {
		err = os.WriteFile(filepath.Join(o.Data, o.Name, p.Arguments[0]+".pid"), []byte(strconv.Itoa(pid)), 0o644)
	}
	return pid, err
}

// Mounts of a machine, which go with it: nothing of them is seen outside.
func layOut(o orders) error {
	own := filepath.Join(o.Data, o.Name)
	steps := []func() error{
		func() error { return syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "") },
		func() error { return syscall.Mount("proc", "/proc", "proc", 0, "") },
		func() error { return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644) },
		// Network interfaces in /sys are those of who mounts it.
		func() error { _ = syscall.Unmount("/sys", syscall.MNT_DETACH); return nil },
		func() error { return syscall.Mount("sysfs", "/sys", "sysfs", 0, "") },
		func() error { return mountGroups(o.Hierarchies) },
		func() error { return overlay(filepath.Join(own, "run"), "/run") },
		func() error { return os.MkdirAll("/run/lock", 0o755) },
		// A new /var/lib: of the real one, with other engines' folders in it, nothing is seen.
		func() error { return syscall.Mount("tmpfs", "/var/lib", "tmpfs", 0, "mode=755") },
		func() error { return overlay(filepath.Join(own, "log"), "/var/log") },
	}
	if o.Node {
		for _, name := range []string{"kubelet", "containerd", "cni"} {
			steps = append(steps, func() error { return overlay(filepath.Join(own, name), filepath.Join("/var/lib", name)) })
		}
		steps = append(steps, keepKernelSettings, func() error {
			// Rules about services also for pods on the same bridge.
			return os.WriteFile("/proc/sys/net/bridge/bridge-nf-call-iptables", []byte("1"), 0o644)
		})
	}
	// Mounts made by a pod (a driver of volumes) must reach the kubelet and other pods, as on any node.
	steps = append(steps, func() error { return syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_SHARED, "") })
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// Shows one folder in place of another.
func overlay(from, at string) error {
	for _, dir := range []string{from, at} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	if err := syscall.Mount(from, at, "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("%s at %s: %w", from, at, err)
	}
	return nil
}

// A kubelet sets these for the whole machine: it finds them set already, in files that only this node sees.
func keepKernelSettings() error {
	dir := "/run/kernel-settings"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, value := range map[string]string{
		"vm/overcommit_memory": "1", "vm/panic_on_oom": "0", "kernel/panic": "10", "kernel/panic_on_oops": "1",
		"kernel/keys/root_maxkeys": "1000000", "kernel/keys/root_maxbytes": "25000000",
	} {
		fake := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(fake, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		if err := syscall.Mount(fake, filepath.Join("/proc/sys", name), "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	// A container in a user namespace may mount /proc only where a whole one is seen already.
	whole := "/run/proc"
	if err := os.MkdirAll(whole, 0o555); err != nil {
		return err
	}
	return syscall.Mount("proc", whole, "proc", 0, "")
}
