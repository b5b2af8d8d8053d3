// Package bmff cuts bytes into boxes (ISO/IEC 14496-12:2022, 4.2): those of a file, and
// those inside another box. A box at file level that reaches past the end of the file is
// truncated; one that does not fit its parent is malformed, since more bytes would not mend
// it. What a box holds is for others: package heif for pictures, sequence for tracks.
//
// Nothing is copied, and no level yields over 4,096 boxes of a file.
package bmff
