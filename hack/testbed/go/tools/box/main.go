// Program box -parent PID [-name NAME] [-network] [-remove FOLDER] COMMAND [ARGUMENT…] runs COMMAND in PID, mount, IPC, UTS and cgroup
// namespaces of its own, with -network in a network namespace too, and ends with its exit code. Signals are handed on. It outlives
// PARENT just long enough to end what is in the box and to take away what namespaces do not: the control groups NAME and the folder.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The kernel keeps namespaces and death signals per thread.
func init() { runtime.LockOSThread() }

func main() {
	var code int
	var err error
	if os.Args[0] == "box-init" {
		code, err = first(os.Args[1], os.Args[2:])
	} else {
		code, err = outside()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "box:", err)
		code = 125
	}
	os.Exit(code)
}

// outside starts the box's first process and cleans up after it.
func outside() (int, error) {
	parent := flag.Int("parent", 0, "process whose end ends the box")
	name := flag.String("name", "", "name of the box's control groups; none are made without it")
	network := flag.Bool("network", false, "with a network of its own")
	remove := flag.String("remove", "", "folder to remove at the end; the number of the box's first process is written into it as `pid`")
	flag.Parse()
	flags := uintptr(syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS)
	if *network {
		flags |= syscall.CLONE_NEWNET
	}
	init := exec.Command("/proc/self/exe", append([]string{*name}, flag.Args()...)...)
	init.Args[0] = "box-init"
	init.Stdin, init.Stdout, init.Stderr = os.Stdin, os.Stdout, os.Stderr
	init.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags, Pdeathsig: syscall.SIGKILL}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	if err := init.Start(); err != nil {
		return 0, err
	}
	if *remove != "" {
		if err := os.WriteFile(filepath.Join(*remove, "pid"), []byte(strconv.Itoa(init.Process.Pid)), 0o600); err != nil {
			init.Process.Kill()
		}
	}
	go func() {
		for received := range signals {
			if os.Getppid() != *parent {
				received = syscall.SIGKILL
			}
			init.Process.Signal(received)
		}
	}()
	// The kernel sends the wished signal when the parent ends; one that ended before the wish sends none.
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0); errno != 0 {
		return 0, errno
	}
	if os.Getppid() != *parent {
		init.Process.Kill()
	}
	init.Wait() // Its state tells more than the error.
	status := init.ProcessState.Sys().(syscall.WaitStatus)
	if *name != "" {
		for _, folder := range hierarchies() {
			removeGroup(filepath.Join(folder, *name))
		}
	}
	if *remove != "" {
		if err := os.RemoveAll(*remove); err != nil {
			return 0, err
		}
	}
	return exitCode(status), nil
}

// first is process 1 of the box: it reaps whatever loses its parent, and when the command ends, everything in the box ends.
func first(group string, command []string) (int, error) {
	if group != "" {
		for _, folder := range hierarchies() {
			if err := joinGroup(filepath.Join(folder, group)); err != nil {
				return 0, err
			}
		}
		if err := syscall.Unshare(syscall.CLONE_NEWCGROUP); err != nil {
			return 0, fmt.Errorf("cgroup namespace: %w", err)
		}
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return 0, fmt.Errorf("private mounts: %w", err)
	}
	program, err := exec.LookPath(command[0])
	if err != nil {
		return 0, err
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	child, err := syscall.ForkExec(program, command, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}})
	if err != nil {
		return 0, err
	}
	go func() {
		for received := range signals {
			syscall.Kill(child, received.(syscall.Signal))
		}
	}()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return 0, err
		}
		if pid == child {
			return exitCode(status), nil
		}
	}
}

func exitCode(status syscall.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}

// hierarchies are the mount points of control groups: several of version 1, one of version 2, or both.
func hierarchies() []string {
	mounts, _ := os.ReadFile("/proc/self/mounts")
	var folders []string
	for _, line := range strings.Split(string(mounts), "\n") {
		fields := strings.Fields(line)
		if len(fields) > 2 && (fields[2] == "cgroup" || fields[2] == "cgroup2") {
			folders = append(folders, fields[1])
		}
	}
	return folders
}

// joinGroup makes the control group and moves this process into it.
func joinGroup(folder string) error {
	// In version 2 a group has the controllers its parent hands down. Where it may not, kubelet will say what it lacks.
	parent := filepath.Dir(folder)
	controllers, _ := os.ReadFile(filepath.Join(parent, "cgroup.controllers"))
	for _, controller := range strings.Fields(string(controllers)) {
		os.WriteFile(filepath.Join(parent, "cgroup.subtree_control"), []byte("+"+controller), 0)
	}
	if err := os.Mkdir(folder, 0o755); err != nil && !os.IsExist(err) {
		return err
	}
	// A new cpuset of version 1 is empty, and an empty one takes no process.
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		if own, err := os.ReadFile(filepath.Join(folder, file)); err != nil || strings.TrimSpace(string(own)) != "" {
			continue
		}
		if all, err := os.ReadFile(filepath.Join(parent, file)); err == nil {
			os.WriteFile(filepath.Join(folder, file), all, 0)
		}
	}
	return os.WriteFile(filepath.Join(folder, "cgroup.procs"), []byte("0"), 0)
}

// removeGroup removes a control group and those below it; the kernel may need a moment after the last process is gone.
func removeGroup(folder string) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		if entry.IsDir() {
			removeGroup(filepath.Join(folder, entry.Name()))
		}
	}
	for tries := 0; tries < 100 && syscall.Rmdir(folder) == syscall.EBUSY; tries++ {
		time.Sleep(20 * time.Millisecond)
	}
}
