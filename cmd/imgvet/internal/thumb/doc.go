// Package thumb makes thumbnails of refused files for the HTML report: whole pictures
// as a hook would see them, and of broken ones what stands before the fault. It
// decides what is decoded at all, and what that may cost. All else that
// "imgvet check" does decodes no refused file.
package thumb
