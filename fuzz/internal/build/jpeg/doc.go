// Package jpeg writes JPEG files marker segment by marker segment (ITU-T T.81), edits the
// segments of the seeds, and codes flat pictures itself.
package jpeg
