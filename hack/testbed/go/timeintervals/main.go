// Program timeintervals says when Alertmanager takes an instant to be in one of some time intervals: it reads a question as JSON from standard
// input, with the intervals as Alertmanager's configuration has them, and prints 1 or 0 for each step from the first instant to the last, which is
// excluded. Reading and answering are Alertmanager's own (timeinterval).
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/alertmanager/timeinterval"
)

type question struct {
	Intervals []timeinterval.TimeInterval `json:"intervals"`
	From      time.Time                   `json:"from"`
	Until     time.Time                   `json:"until"`
	Minutes   int                         `json:"minutes"`
}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		fmt.Fprintln(os.Stderr, "timeintervals:", err)
		os.Exit(1)
	}
	asker := timeinterval.NewIntervener(map[string][]timeinterval.TimeInterval{"asked": asked.Intervals})
	answers := bufio.NewWriter(os.Stdout)
	defer answers.Flush()
	for at := asked.From; at.Before(asked.Until); at = at.Add(time.Duration(asked.Minutes) * time.Minute) {
		within, _, err := asker.Mutes([]string{"asked"}, at)
		if err != nil {
			fmt.Fprintln(os.Stderr, "timeintervals:", err)
			os.Exit(1)
		}
		if within {
			_ = answers.WriteByte('1')
		} else {
			_ = answers.WriteByte('0')
		}
	}
}
