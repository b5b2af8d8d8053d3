// Package meta writes the metadata that several formats carry: EXIF and colour profiles.
package meta
