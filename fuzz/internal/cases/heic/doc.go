// Package heic has the HEIC cases: good files, files with one defect, and what lies on both sides
// of what viewers forgive.
package heic
