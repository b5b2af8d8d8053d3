//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/bulk/internal/collect"
	"github.com/imgvet/imgvet/bulk/internal/plan"
	"github.com/imgvet/imgvet/bulk/internal/store"
	"github.com/imgvet/imgvet/bulk/internal/task"
)

// fleet is workers that are started again when they end.
type fleet struct {
	t     testing.TB
	env   []string
	args  []string
	mu    sync.Mutex
	procs []*exec.Cmd
	ends  int // of a process
	over  bool
	wg    sync.WaitGroup
}

func startFleet(t testing.TB, n int, env []string, args ...string) *fleet {
	f := &fleet{t: t, env: env, args: args, procs: make([]*exec.Cmd, n)}
	for i := range n {
		f.wg.Go(func() {
			for f.start(i) {
				_ = f.procs[i].Wait()
				f.mu.Lock()
				f.ends++
				f.mu.Unlock()
			}
		})
	}
	t.Cleanup(f.stop)
	return f
}

func (f *fleet) start(i int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return false
	}
	f.procs[i] = process(f.t, f.env, f.args...)
	if err := f.procs[i].Start(); err != nil {
		f.t.Error(err)
		return false
	}
	return true
}

// kill is kill -9 of one worker.
func (f *fleet) kill(i int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.procs[i] != nil && f.procs[i].Process != nil {
		_ = f.procs[i].Process.Kill()
	}
}

// stop tells all workers to end, and waits for it.
func (f *fleet) stop() {
	f.mu.Lock()
	f.over = true
	for _, p := range f.procs {
		if p != nil && p.Process != nil {
			_ = p.Process.Signal(syscall.SIGTERM)
		}
	}
	f.mu.Unlock()
	f.wg.Wait()
}

// progressOf returns how far the job in results is.
func progressOf(t testing.TB, results string) task.Progress {
	b, err := store.Open(t.Context(), results, false)
	require.NoError(t, err)
	defer b.Close()
	h, err := plan.Load(t.Context(), b)
	require.NoError(t, err)
	p, err := task.Count(t.Context(), b, h)
	require.NoError(t, err)
	return p
}

// waitDone waits until all keys have a part.
func waitDone(t testing.TB, results string) {
	t.Helper()
	for last, since := int64(-1), time.Now(); ; time.Sleep(100 * time.Millisecond) {
		p := progressOf(t, results)
		if p.DoneKeys == p.Keys {
			return
		}
		if p.DoneKeys != last {
			last, since = p.DoneKeys, time.Now()
		}
		require.Less(t, time.Since(since), 2*time.Minute, "%d of %d, and no progress", p.DoneKeys, p.Keys)
	}
}

// TestKill kills workers, and once the planner and once the server, while 2,000 objects are judged
// by four workers: nothing is lost, nothing comes twice, nothing is different. IMGVET_BULK_KILL=1
// takes 20,000 objects, five times with other seeds.
func TestKill(t *testing.T) {
	t.Parallel()
	n, seeds, kills := 2000, 1, 8
	if os.Getenv("IMGVET_BULK_KILL") != "" {
		n, seeds, kills = 20_000, 5, 60
	}
	for seed := range seeds {
		t.Run(strconv.Itoa(seed), func(t *testing.T) { killed(t, n, kills, uint64(seed)) })
	}
}

func killed(t *testing.T, n, kills int, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 7))
	photos, out := t.TempDir(), t.TempDir()
	want := objects(t, photos, n, n*11/100, seed)
	bucket, results := "file://"+photos, "file://"+out
	s := startServer(t)

	planning := []string{"plan", "--bucket", bucket, "--results", results, "--job", "kill", "--shard-keys", "20", "--nats", s.url(), "--ack-wait", "1s"}
	first := process(t, nil, planning...)
	require.NoError(t, first.Start())
	time.Sleep(time.Duration(random.IntN(250)) * time.Millisecond)
	_ = first.Process.Kill()
	_ = first.Wait()
	again, err := process(t, nil, planning...).CombinedOutput()
	require.NoError(t, err, "%s", again)

	f := startFleet(t, 4, []string{hookDelay + "=20ms"}, "work", "--results", results, "--nats", s.url(), "--ack-wait", "1s", "--in-flight", "4")
	serverAt := random.IntN(kills)
	for i := range kills {
		time.Sleep(time.Duration(100+random.IntN(500)) * time.Millisecond)
		f.kill(random.IntN(4))
		if i == serverAt {
			s.kill()
			time.Sleep(time.Duration(random.IntN(500)) * time.Millisecond)
			s.start()
		}
	}
	atKills := progressOf(t, results)
	t.Logf("seed %d: %d of %d objects done when the last worker was killed", seed, atKills.DoneKeys, n)
	require.Less(t, atKills.DoneKeys, int64(n), "the kills came while there was work")
	waitDone(t, results)
	f.stop()
	file := filepath.Join(t.TempDir(), "all.jsonl")
	_, errs, code := imgvetBulk(t, "", "collect", "--results", results, "--out", file)
	require.Equal(t, 1, code, errs)
	checkLines(t, file, want)
	t.Logf("seed %d: %d ends of workers; %s", seed, f.ends, errs)
}

// TestKiller has one object that kills whoever reads it. It is found, named in the manifest, and
// everything else is done: with a broker, without one, and in one process.
func TestKiller(t *testing.T) {
	t.Parallel()
	const n = 60
	photos := t.TempDir()
	want := objects(t, photos, n, 0, 1)
	killer := fmt.Sprintf("%02d/%06d x%c.jpg", 23%7, 23, rune(0x3b1+23%24))
	require.Contains(t, want, killer)
	env := []string{hookKill + "=" + killer, hookDelay + "=1ms"}
	bucket := "file://" + photos
	check := func(t *testing.T, results string) {
		file := filepath.Join(t.TempDir(), "all.jsonl")
		_, errs, code := imgvetBulk(t, "", "collect", "--results", results, "--out", file)
		require.Equal(t, 3, code, errs)
		checkLines(t, file, want, killer)
		b, err := os.ReadFile(filepath.Join(results[len("file://"):], "manifest.json"))
		require.NoError(t, err)
		var m collect.Manifest
		require.NoError(t, json.Unmarshal(b, &m))
		require.Equal(t, []int64{n, n - 1, 0, 1, 0}, []int64{m.Lines, m.Good, m.Refused, m.Failed, m.Missing})
		require.Len(t, m.Failures, 1)
		require.Equal(t, killer, m.Failures[0].Key)
		require.Contains(t, m.Failures[0].Failure, "workers ended")
	}
	t.Run("broker", func(t *testing.T) {
		results := "file://" + t.TempDir()
		s := startServer(t)
		_, errs, code := imgvetBulk(t, "", "plan", "--bucket", bucket, "--results", results, "--shard-keys", "16", "--nats", s.url(), "--ack-wait", "400ms")
		require.Zero(t, code, errs)
		f := startFleet(t, 2, env, "work", "--results", results, "--nats", s.url(), "--ack-wait", "400ms")
		waitDone(t, results)
		f.stop()
		check(t, results)
	})
	t.Run("alone", func(t *testing.T) {
		results := "file://" + t.TempDir()
		_, errs, code := imgvetBulk(t, "", "plan", "--bucket", bucket, "--results", results, "--shard-keys", "16")
		require.Zero(t, code, errs)
		for index := range 2 {
			ends := 0
			for ; process(t, env, "work", "--plan", results, "--index", strconv.Itoa(index), "--of", "2").Run() != nil; ends++ {
				require.Less(t, ends, 30)
			}
			t.Logf("share %d ended early %d times", index, ends)
		}
		check(t, results)
	})
	t.Run("run", func(t *testing.T) {
		if testing.Short() {
			t.Skip("each run waits ten seconds for the shard of the last")
		}
		if os.Getenv("IMGVET_BULK_KILL") == "" {
			t.Skip("each run waits ten seconds for the shard of the last: set IMGVET_BULK_KILL=1")
		}
		results, state := "file://"+t.TempDir(), t.TempDir()
		for ends := 0; ; ends++ {
			require.Less(t, ends, 30)
			cmd := process(t, env, "run", "--bucket", bucket, "--results", results, "--shard-keys", "8", "--state", state)
			_ = cmd.Run()
			if cmd.ProcessState.ExitCode() == 3 {
				break
			}
		}
		check(t, results)
	})
}
