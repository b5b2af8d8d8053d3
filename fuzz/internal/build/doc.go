// Package build writes good files of any of the five formats, of a size that is asked for, and
// bombs. How one format is written stands in the folder of its name below.
package build
