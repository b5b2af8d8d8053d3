// Package foreign has the cases that are not of the five formats, and those of pictures with
// something behind their end.
package foreign
