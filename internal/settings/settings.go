package settings

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// FileFlag is the flag that names the file.
const FileFlag = "config"

const prefix = "IMGVET_"

// help tells, at the end of a command's description, where its values can come from.
const help = `

Every flag can also be set in the environment and in a file. --max-bytes is
IMGVET_MAX_BYTES there, and so with every name; a list (a flag that may be given more
than once) has commas between its values. The file that --` + FileFlag + ` (IMGVET_CONFIG) names is
YAML, "max-bytes: 5MiB", with a list for what may be given more than once. A flag goes
before the environment, the environment before the file, the file before the default.
In the file a name that no command has is an error.`

// annotations of flags and commands.
const (
	groupKey   = "imgvet_setting"  // the setting that several flags set
	oneOfKey   = "imgvet_one_of"   // at most one of these flags may be set in one place
	enabledKey = "imgvet_settings" // a command whose flags are settings
)

// Same says that several flags set one thing: where one of them is set, places of less
// precedence count for none of them.
func Same(f *pflag.FlagSet, names ...string) { annotate(f, groupKey, names) }

// OneOf is Same for flags of which one place may set one alone.
func OneOf(f *pflag.FlagSet, names ...string) {
	Same(f, names...)
	annotate(f, oneOfKey, names)
}

func annotate(f *pflag.FlagSet, key string, names []string) {
	for _, name := range names {
		if err := f.SetAnnotation(name, key, names); err != nil {
			panic(err) // a name that is no flag: a bug
		}
	}
}

// Enable makes the flags of cmd settings. Call it once all flags are there.
func Enable(cmd *cobra.Command) {
	cmd.Flags().String(FileFlag, "", "read settings from this `file` of YAML")
	_ = cmd.MarkFlagFilename(FileFlag, "yaml", "yml") // the flag is there
	cmd.Annotations = map[string]string{enabledKey: ""}
	cmd.Long += help
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error { return load(cmd, os.Environ()) }
}

// source is a place that settings come from.
type source struct {
	name   func(setting string) string // what the setting is called there, for errors
	values map[string][]string         // by flag
}

// load sets the flags of cmd that the command line has not set. Its error joins all
// that is wrong.
func load(cmd *cobra.Command, environ []string) error {
	f := cmd.Flags()
	taken := map[string]bool{} // by flag: a place of more precedence has set it
	take := func(flag *pflag.Flag) {
		taken[flag.Name] = true
		for _, name := range flag.Annotations[groupKey] {
			taken[name] = true
		}
	}
	f.Visit(take)

	fromEnv, errs := environment(f, environ)
	file, _ := f.GetString(FileFlag) // a string
	if values := fromEnv.values[FileFlag]; !taken[FileFlag] && len(values) > 0 {
		file = values[0]
	}
	delete(fromEnv.values, FileFlag)
	sources := []source{fromEnv}
	if file != "" {
		fromFile, problems := readFile(file, known(cmd))
		errs = append(errs, problems...)
		sources = append(sources, fromFile)
	}
	for _, s := range sources {
		errs = append(errs, s.apply(f, taken)...)
		for name := range s.values {
			if flag := f.Lookup(name); flag != nil {
				take(flag)
			}
		}
	}
	return errors.Join(errs...)
}

// apply sets the flags that are not taken, in the order of their names.
func (s source) apply(f *pflag.FlagSet, taken map[string]bool) []error {
	var errs []error
	for _, name := range sorted(s.values) {
		flag := f.Lookup(name)
		if flag == nil || taken[name] {
			continue // of another command, or set before
		}
		for _, other := range flag.Annotations[oneOfKey] {
			if _, both := s.values[other]; both && name < other {
				errs = append(errs, fmt.Errorf("%s and %s are both set: one of them is possible", s.name(name), s.name(other)))
			}
		}
		list, isList := flag.Value.(pflag.SliceValue)
		values := s.values[name]
		if isList {
			if err := list.Replace(values); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", s.name(name), err))
			}
			continue
		}
		// A value that is no list takes one with commas, as --formats does.
		if err := flag.Value.Set(strings.Join(values, ",")); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.name(name), err))
		}
	}
	return errs
}

// environment returns what the environment sets.
func environment(f *pflag.FlagSet, environ []string) (source, []error) {
	s := source{name: variable, values: map[string][]string{}}
	var errs []error
	byVariable := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		byVariable[name] = value
	}
	f.VisitAll(func(flag *pflag.Flag) {
		value, ok := byVariable[variable(flag.Name)]
		switch {
		case !ok || flag.Name == "help":
		case value == "":
			// Not "unset": an empty IMGVET_TOKEN would let everybody in.
			errs = append(errs, fmt.Errorf("%s is empty: unset it, or give it a value", variable(flag.Name)))
		default:
			s.values[flag.Name] = []string{value}
			if _, isList := flag.Value.(pflag.SliceValue); isList {
				s.values[flag.Name] = strings.Split(value, ",")
			}
		}
	})
	return s, errs
}

// variable returns what a flag is called in the environment.
func variable(flag string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// link is what Kubernetes and Docker set for a service that is called imgvet.
var link = regexp.MustCompile(`^IMGVET_(?:SERVICE_(?:HOST|PORT\w*)|PORT\w*|ENV_\w+|NAME)$`)

// Unknown returns the variables that look like settings and are none: misspelt, perhaps.
// They are no errors, since other programs may have set them.
func Unknown(cmd *cobra.Command, environ []string) []string {
	all := known(cmd)
	var unknown []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, prefix) && !link.MatchString(name) &&
			!slices.ContainsFunc(all, func(flag string) bool { return variable(flag) == name }) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// known returns the names of all settings, of cmd and of the commands beside it: one
// file and one environment may serve several.
func known(cmd *cobra.Command) []string {
	commands := []*cobra.Command{cmd}
	if cmd.HasParent() {
		commands = cmd.Parent().Commands()
	}
	names := map[string]bool{}
	for _, c := range commands {
		if _, ok := c.Annotations[enabledKey]; ok {
			c.Flags().VisitAll(func(flag *pflag.Flag) { names[flag.Name] = true })
		}
	}
	delete(names, "help")
	return sorted(names)
}
