package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A shelf keeps volumes, or snapshots: of each a folder of data, and beside it a record that is written when the data is whole.
type shelf struct{ folder string }

const recordSuffix = ".json"

type record struct {
	ID    string `json:"id"`
	Bytes int64  `json:"bytes"`
	// Block: the data is used as a block device, not as a file system.
	Block bool `json:"block,omitempty"`
	// Source is the snapshot or volume that it was copied from, if any.
	Source  string    `json:"source,omitempty"`
	Created time.Time `json:"created"`
}

func (s shelf) data(id string) string { return filepath.Join(s.folder, id) }

func (s shelf) disk(id string) string { return filepath.Join(s.folder, id, "disk.img") }

func (s shelf) recordFile(id string) string { return s.data(id) + recordSuffix }

// get returns nil for what is not there, or not yet whole.
func (s shelf) get(id string) (*record, error) {
	if id == "" || id != filepath.Base(id) || strings.HasPrefix(id, ".") || strings.HasSuffix(id, recordSuffix) {
		return nil, status.Errorf(codes.InvalidArgument, "%q names nothing of this driver", id)
	}
	content, err := os.ReadFile(s.recordFile(id))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := &record{}
	return found, json.Unmarshal(content, found)
}

func (s shelf) need(id string) (*record, error) {
	found, err := s.get(id)
	if err == nil && found == nil {
		return nil, status.Errorf(codes.NotFound, "there is no %s", id)
	}
	return found, err
}

func (s shelf) all() ([]*record, error) {
	files, err := filepath.Glob(filepath.Join(s.folder, "*"+recordSuffix))
	if err != nil {
		return nil, err
	}
	var found []*record
	for _, file := range files {
		each, err := s.get(strings.TrimSuffix(filepath.Base(file), recordSuffix))
		if err != nil {
			return nil, err
		}
		if each != nil {
			found = append(found, each)
		}
	}
	return found, nil
}

// add lets fill put the data into an empty folder; what an attempt before this one left is removed first.
func (s shelf) add(new record, fill func(folder string) error) error {
	folder := s.data(new.ID)
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	// Whoever mounts it may write, as into any new volume; from outside nobody gets past the folder of the bed.
	if err := errors.Join(os.MkdirAll(folder, 0o700), os.Chmod(folder, 0o777)); err != nil {
		return err
	}
	if err := fill(folder); err != nil {
		return err
	}
	return s.write(new)
}

func (s shelf) write(changed record) error {
	content, err := json.Marshal(changed)
	if err != nil {
		return err
	}
	partial := s.recordFile(changed.ID) + ".partial"
	if err := os.WriteFile(partial, content, 0o600); err != nil {
		return err
	}
	return os.Rename(partial, s.recordFile(changed.ID))
}

// remove takes the record first: what is half gone is gone.
func (s shelf) remove(id string) error {
	if err := os.Remove(s.recordFile(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.RemoveAll(s.data(id))
}
