// Package store opens buckets, lists them in bounded memory, and says what identifies the
// object behind a reader.
//
// Buckets are those of gocloud.dev/blob, with one exception: folders (file://) are read by a
// driver of this package. gocloud's fileblob reads a folder for each page of a listing from
// the beginning, so listing a million files costs a thousand walks; where "a/" and "a-b" meet at
// the end of a page it leaves files out; it cannot name a file with a line feed in its name,
// and it hides files whose names end in ".attrs".
//
// s3:// is linked always. gs:// and azblob:// come with the build tags gcs and azure, or with
// an import of their driver in a main of the user's own.
package store
