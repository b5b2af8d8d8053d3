package collect

import (
	"encoding/json"

	"github.com/imgvet/imgvet/bulk/internal/line"
)

// row is a line as a row of a table. What is a list or an object in the line is JSON text here.
type row struct {
	Key         string  `parquet:"key"`
	File        string  `parquet:"file"`
	OK          bool    `parquet:"ok"`
	Code        *int32  `parquet:"code,optional"`
	Message     *string `parquet:"message,optional,dict"`
	Reason      *string `parquet:"reason,optional,dict"`
	Offset      *int64  `parquet:"offset,optional"`
	Limit       *int64  `parquet:"limit,optional"`
	Got         *int64  `parquet:"got,optional"`
	Detail      *string `parquet:"detail,optional"`
	Advice      *string `parquet:"advice,optional,dict"`
	Failure     *string `parquet:"failure,optional"`
	Format      *string `parquet:"format,optional,dict"`
	Width       *int32  `parquet:"width,optional"`
	Height      *int32  `parquet:"height,optional"`
	Size        int64   `parquet:"size"`
	Orientation *int32  `parquet:"orientation,optional"`
	Frames      *int32  `parquet:"frames,optional"`
	Facts       *string `parquet:"facts,optional"`
	Faces       *string `parquet:"faces,optional"`
	Warnings    *string `parquet:"warnings,optional"`
	ETag        *string `parquet:"etag,optional"`
	Version     *string `parquet:"version,optional"`
}

func rowOf(l line.Line) (row, error) {
	r := row{
		Key: l.Key, File: l.File, OK: l.OK, Size: l.Size, Offset: l.Offset,
		Reason: some(string(l.Reason)), Limit: some(l.Limit), Got: some(l.Got),
		Detail: some(l.Detail), Advice: some(l.Advice), Failure: some(l.Failure), Format: some(string(l.Format)),
		Width: some(int32(l.Width)), Height: some(int32(l.Height)), Orientation: some(int32(l.Orientation)), Frames: some(int32(l.Frames)),
		ETag: some(l.ETag), Version: some(l.Version),
	}
	if l.Error != nil {
		code := int32(l.Error.Code) // 0 is a code
		r.Code, r.Message = &code, &l.Error.Message
	}
	var err error
	text := func(v any, there bool) *string {
		if !there || err != nil {
			return nil
		}
		var b []byte
		b, err = json.Marshal(v)
		s := string(b)
		return &s
	}
	r.Facts = text(l.Facts, l.Facts != nil)
	r.Faces = text(l.Faces, l.Faces != nil)
	r.Warnings = text(l.Warnings, len(l.Warnings) > 0)
	return r, err
}

// some returns nil for the zero value, which a line leaves out.
func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
