package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheck: what compiles on Linux alone is found, in tests too.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/m\n\ngo 1.26.0\n")
	write("m.go", "package m\n\nimport \"syscall\"\n\nfunc Pid() int { return syscall.Getpid() }\n")
	write("m_test.go", "package m\n\nimport \"testing\"\n\nfunc TestPid(t *testing.T) { t.Log(Pid()) }\n")
	faults := func(platform string) string {
		n, faults, err := check(dir, platform)
		if err != nil || n < 2 {
			t.Fatal(n, err)
		}
		var all strings.Builder
		for _, f := range faults {
			all.WriteString(f.Error() + "\n")
		}
		return all.String()
	}
	for _, platform := range []string{"linux/amd64", "windows/amd64", "darwin/arm64"} {
		if got := faults(platform); got != "" {
			t.Fatal(platform, got)
		}
	}
	write("m.go", "package m\n\nimport \"syscall\"\n\nfunc Pid() int { return syscall.Gettid() }\n")
	write("m_test.go", "package m\n\nimport (\n\t\"syscall\"\n\t\"testing\"\n)\n\nfunc TestPid(t *testing.T) { t.Log(Pid(), syscall.Kill(Pid(), 0)) }\n")
	for platform, want := range map[string][]string{"linux/amd64": nil, "windows/amd64": {"Gettid", "Kill"}, "darwin/arm64": {"Gettid"}} {
		got := faults(platform)
		for _, name := range want {
			if !strings.Contains(got, "undefined: syscall."+name) {
				t.Error(platform, name, got)
			}
		}
		if (got == "") != (want == nil) {
			t.Error(platform, got)
		}
	}
	if _, faults, err := check(t.TempDir(), "linux/amd64"); err == nil && len(faults) == 0 {
		t.Error("a folder without a module is fine")
	}
}
