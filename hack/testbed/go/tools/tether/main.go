// Program tether PARENT COMMAND [ARGUMENT…] becomes COMMAND, which the kernel then kills as soon as the process PARENT is gone,
// whatever ended it. A process cannot ask this for another one, and Node cannot ask it at all.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
)

func main() {
	if len(os.Args) < 3 {
		fail("usage: tether PARENT COMMAND [ARGUMENT…]")
	}
	command, err := exec.LookPath(os.Args[2])
	if err != nil {
		fail(err.Error())
	}
	// The kernel keeps the wish per thread, and across exec: it must be the thread that calls exec.
	runtime.LockOSThread()
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0); errno != 0 {
		fail("prctl: " + errno.Error())
	}
	// A parent that died before the wish was made sends no signal any more.
	if parent, err := strconv.Atoi(os.Args[1]); err != nil || os.Getppid() != parent {
		fail(fmt.Sprintf("parent %s is gone", os.Args[1]))
	}
	fail(syscall.Exec(command, os.Args[2:], os.Environ()).Error())
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "tether: "+message)
	os.Exit(127)
}
