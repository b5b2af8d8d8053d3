// Package check is "imgvet check": it judges the files that package walk finds, several
// at once, and tells package report in the order of the walk. It decides how many
// files and verdicts are held at a time, and shows the progress on a terminal.
package check
