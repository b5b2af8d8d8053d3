// Package png has the PNG cases: good files, files with one defect, and what lies on both sides
// of what viewers forgive.
package png
