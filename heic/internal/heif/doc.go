// Package heif reads the tables of a HEIF file (ISO/IEC 23008-12:2022): the items and where
// their bytes lie, what they are derived from, and their properties, with the decoder
// configuration (hvcC) among them. [File.Parse] refuses tables that contradict themselves
// or name bytes outside of the file. Whether the pictures in those bytes are sound is for
// package heic, and how they look for package render.
//
// Tables stay in the file's bytes and are read where they are needed, so that a count costs
// no memory; bounds.go holds the most that is read of each.
//
//	meta.go       the meta box: iinf, pitm, iref
//	location.go   iloc: which bytes an item has; payload.go: those bytes
//	property.go   iprp, ipco, ipma: ispe, colr, pixi, auxC
//	config.go     hvcC; units.go: the NAL units of an item
//	transform.go  irot, imir, clap
//	derived.go    grid, iovl: what a derived picture says of itself
package heif
