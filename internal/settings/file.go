package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/imgvet/imgvet/internal/cli"
)

// maxFile is how many bytes a file of settings may have.
const maxFile = 1 << 20

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// readFile returns what a file sets. all are the names that it may hold.
func readFile(name string, all []string) (source, []error) {
	s := source{name: func(setting string) string { return name + ": " + setting }, values: map[string][]string{}}
	f, err := os.Open(name)
	if err != nil {
		return s, []error{cli.Failure{Err: err}}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return s, []error{cli.Failure{Err: err}}
	}
	if len(text) > maxFile {
		return s, []error{fmt.Errorf("%s: larger than %d bytes", name, maxFile)}
	}
	var document yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(text))
	switch err := dec.Decode(&document); {
	case errors.Is(err, io.EOF):
		return s, nil // empty, or comments alone
	case err != nil:
		return s, []error{fmt.Errorf("%s: %w", name, err)}
	case !errors.Is(dec.Decode(new(yaml.Node)), io.EOF):
		return s, []error{fmt.Errorf("%s: more than one document", name)}
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return s, []error{fmt.Errorf("%s:%d: not settings such as \"max-bytes: 5MiB\"", name, root.Line)}
	}
	var errs []error
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		_, again := s.values[key.Value]
		values, err := scalars(value)
		switch {
		case key.Value == FileFlag || !slices.Contains(all, key.Value):
			errs = append(errs, fmt.Errorf("%s:%d: %q is no setting", name, key.Line, key.Value))
		case again:
			errs = append(errs, fmt.Errorf("%s:%d: %s is set again", name, key.Line, key.Value))
		case err != nil:
			errs = append(errs, fmt.Errorf("%s:%d: %s %w", name, key.Line, key.Value, err))
		default:
			s.values[key.Value] = values
		}
	}
	return s, errs
}

// scalars returns the value, or the values of a list, as they are written.
func scalars(n *yaml.Node) ([]string, error) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		return nil, errors.New("has no value")
	case n.Kind == yaml.ScalarNode:
		return []string{n.Value}, nil
	case n.Kind != yaml.SequenceNode:
		return nil, errors.New("is neither a value nor a list of values")
	case len(n.Content) == 0:
		return nil, errors.New("is an empty list")
	}
	var all []string
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
			return nil, errors.New("is no list of plain values")
		}
		all = append(all, item.Value)
	}
	return all, nil
}
