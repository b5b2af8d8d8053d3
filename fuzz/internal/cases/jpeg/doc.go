// Package jpeg has the JPEG cases: good files, files with one defect, and what lies on both sides
// of what viewers forgive.
package jpeg
