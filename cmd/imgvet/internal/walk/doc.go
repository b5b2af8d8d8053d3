// Package walk finds the files that the arguments of "imgvet check" name: files,
// folders, patterns and standard input. It decides what of a folder is left out, and
// holds no more than a batch of names, however large the folder is.
package walk
