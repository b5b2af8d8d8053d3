// Package render makes the picture that a verified HEIF file shows: coded items by package
// recon, grids, overlays and identities of them, with the transforms and colours that their
// properties state (ISO/IEC 23008-12, 6.5 and 6.6.2). [Picture] is all that package heic
// needs of it.
//
// A coded picture is decoded once, however often the file names it. Grids as cameras write
// them are decoded straight onto a canvas, which may be smaller than the picture: then the
// full picture is never held.
package render
