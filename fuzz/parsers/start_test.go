package parsers_test

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// parser is a server that answers which files one multipart parser finds.
type parser struct {
	Name    string
	Version string
	Addr    string
	Missing string // why it could not be started
}

// startAll starts every parser that the machine has. What is missing is said
// loudly, and is one column less.
func startAll(t *testing.T) []parser {
	t.Helper()
	var all []parser
	for _, h := range goParsers {
		srv := httptest.NewServer(h.handler)
		t.Cleanup(srv.Close)
		all = append(all, parser{Name: h.name, Version: goVersion(), Addr: srv.Listener.Addr().String()})
	}
	all = append(all, startNode(t)...)
	all = append(all, startPython(t)...)
	all = append(all, startPHP(t)...)
	all = append(all, startRack(t)...)
	all = append(all, startJava(t)...)
	return all
}

// missing says what is not there.
func missing(t *testing.T, what, install string) []parser {
	t.Helper()
	t.Logf("NOT TESTED: %s (%s)", what, install)
	return nil
}

// start runs a program that announces n parsers, one a line.
func start(t *testing.T, n int, dir, name string, args ...string) []parser {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stderr = dir, testLog{t}
	in, err := cmd.StdinPipe() // some end with it
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := make(chan parser)
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			var p parser
			if json.Unmarshal(scan.Bytes(), &p) == nil {
				lines <- p
			}
		}
	}()
	var all []parser
	for wait := time.After(time.Minute); n > 0; n-- {
		select {
		case p, ok := <-lines:
			switch {
			case !ok:
				t.Errorf("%s ended and announced %d parsers less than it has", name, n)
				return all
			case p.Missing != "":
				missing(t, p.Name, p.Missing)
			default:
				all = append(all, p)
			}
		case <-wait:
			t.Errorf("%s did not announce %d of its parsers", name, n)
			return all
		}
	}
	go func() {
		for range lines { // the program must not block
		}
	}()
	return all
}

// testLog writes what a server says to the log of the test.
type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	if l.t.Context().Err() == nil {
		l.t.Logf("%s", strings.TrimRight(string(p), "\n"))
	}
	return len(p), nil
}

// startNode installs the packages of servers/package.json, in a folder of the
// test.
func startNode(t *testing.T) []parser {
	if _, err := exec.LookPath("npm"); err != nil {
		return missing(t, "Node's parsers", "npm is not installed")
	}
	if out, err := exec.Command("node", "-p", "parseInt(process.versions.node) >= 20").Output(); err != nil || string(out) != "true\n" {
		return missing(t, "Node's parsers", "Node 20 or later is not installed")
	}
	dir := t.TempDir()
	for _, name := range []string{"package.json", "node.mjs"} {
		b, err := os.ReadFile(filepath.Join("servers", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	install := exec.Command("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		return missing(t, "Node's parsers", "npm install: "+err.Error()+"\n"+string(out))
	}
	return start(t, 5, dir, "node", "node.mjs")
}

// startPython takes Debian's Python, which has Debian's packages, before another.
func startPython(t *testing.T) []parser {
	python := "/usr/bin/python3"
	if _, err := os.Stat(python); err != nil {
		if python, err = exec.LookPath("python3"); err != nil {
			return missing(t, "Python's parsers", "python3 is not installed")
		}
	}
	return start(t, 9, "servers", python, "python.py")
}

// startPHP starts the server that comes with PHP. It does not say which port it
// took, so it is given a free one.
func startPHP(t *testing.T) []parser {
	out, err := exec.Command("php", "-n", "-r", "echo PHP_VERSION;").Output()
	if err != nil {
		return missing(t, "PHP", "Debian: php-cli")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := ln.Addr().String()
	ln.Close()
	cmd := exec.Command("php", "-d", "display_errors=0", "-d", "html_errors=0", "-d", "log_errors=0", "-d", "upload_max_filesize=20M", "-d", "post_max_size=40M", "-S", addr, "php.php")
	cmd.Dir = "servers"
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, 10*time.Second, 20*time.Millisecond)
	return []parser{{Name: "PHP", Version: string(out), Addr: addr}}
}

func startRack(t *testing.T) []parser {
	if out, err := exec.Command("ruby", "-e", `require "rack"`).CombinedOutput(); err != nil {
		return missing(t, "rack", "Debian: ruby-rack; "+strings.TrimSpace(string(out)))
	}
	return start(t, 1, "servers", "ruby", "rack.rb")
}

// startJava runs the source with Debian's libraries, whose version is in the name
// of the file.
func startJava(t *testing.T) []parser {
	const dir = "/usr/share/java/"
	jars, err := filepath.Glob(dir + "commons-fileupload-*.jar")
	if err != nil || len(jars) == 0 {
		return missing(t, "commons-fileupload", "Debian: libcommons-fileupload-java libservlet-api-java")
	}
	if _, err := exec.LookPath("javac"); err != nil {
		return missing(t, "commons-fileupload", "Debian: default-jdk-headless")
	}
	version := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(jars[0]), "commons-fileupload-"), ".jar")
	all := start(t, 1, "servers", "java", "-cp", dir+"commons-fileupload.jar:"+dir+"commons-io.jar:"+dir+"servlet-api.jar", "Java.java")
	for i := range all {
		all[i].Version = version
	}
	return all
}
