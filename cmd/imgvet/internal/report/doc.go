// Package report tells what "imgvet check" found: as lines for people, as JSON Lines,
// as SARIF, as JUnit XML and as a page of HTML. It decides what of a verdict each of
// them shows, and never overwrites a picture. A report's memory does not grow with the
// number of files.
package report
