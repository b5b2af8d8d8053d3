// Package settings lets the flags of a command be set elsewhere too: in the environment
// and in a file of YAML. A flag goes before the environment, the environment before the
// file, the file before the default.
package settings
