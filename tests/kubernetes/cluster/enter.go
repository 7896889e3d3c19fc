package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// Becomes a command inside a machine of a cluster that runs.
func enter(args []string) error {
	p, words, err := planOf("enter", args, nil)
	if err != nil {
		return err
	}
	if len(words) < 2 {
		return errors.New("enter --data DIR MACHINE COMMAND...")
	}
	pid, err := p.pidOf(words[0])
	if err != nil {
		return err
	}
	program, err := exec.LookPath("nsenter")
	if err != nil {
		return err
	}
	command := append([]string{"nsenter", "--target", strconv.Itoa(pid), "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"}, words[1:]...)
	environment := []string{"PATH=" + p.Bin + ":/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=" + os.Getenv("TERM"), "KUBECONFIG=" + p.kubeconfig()}
	return syscall.Exec(program, command, environment)
}
