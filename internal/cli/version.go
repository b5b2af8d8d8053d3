package cli

import (
	"runtime"
	"runtime/debug"
)

// Version is the version of the command: the release ("v1.2.3") that it was installed or built
// from, and of another state of the sources what Go knows of it: a pseudo-version, the commit, or
// "devel".
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version(&debug.BuildInfo{})
	}
	return version(info)
}

// Build is Version with the Go release and the platform, as --version prints it.
func Build() string {
	return Version() + " (" + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + ")"
}

func version(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	commit, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = "-" + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	return "devel" + commit + dirty
}
