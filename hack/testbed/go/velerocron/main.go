// Program velerocron says when Velero would start the backups of a Schedule: it reads one question a line as JSON from standard input
// and answers each with one line. The expression is read as Velero reads it (pkg/controller/schedule_controller.go, parseCronSchedule),
// by the module that Velero's go.mod names.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	cron "github.com/netresearch/go-cron"
)

type question struct {
	Schedule string    `json:"schedule"`
	After    time.Time `json:"after"`
	Count    int       `json:"count"`
}

type answer struct {
	Error string      `json:"error,omitempty"`
	Runs  []time.Time `json:"runs,omitempty"`
}

func main() {
	questions := json.NewDecoder(bufio.NewReader(os.Stdin))
	answers := json.NewEncoder(os.Stdout)
	for questions.More() {
		var asked question
		if err := questions.Decode(&asked); err != nil {
			fmt.Fprintln(os.Stderr, "velerocron:", err)
			os.Exit(1)
		}
		_ = answers.Encode(reply(asked))
	}
}

func reply(asked question) answer {
	schedule, err := cron.ParseStandard(asked.Schedule)
	if err != nil {
		return answer{Error: err.Error()}
	}
	var runs []time.Time
	for at := asked.After; len(runs) < asked.Count; {
		at = schedule.Next(at)
		if at.IsZero() {
			break
		}
		runs = append(runs, at.UTC())
	}
	return answer{Runs: runs}
}
