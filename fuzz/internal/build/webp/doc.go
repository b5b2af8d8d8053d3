// Package webp writes WebP files chunk by chunk (RFC 9649), edits the chunks of the seeds, and
// codes VP8L pictures of one colour itself.
package webp
