// Package root is the command with all its commands, its exit code and its manual page.
package root
