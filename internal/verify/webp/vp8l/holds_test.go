package vp8l

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHolds: all slices of a decoder count, with the size of their elements.
func TestHolds(t *testing.T) {
	fields := reflect.TypeFor[decoder]()
	slices := 0
	for i := range fields.NumField() {
		f := fields.Field(i)
		if f.Type.Kind() != reflect.Slice {
			continue
		}
		slices++
		d := new(decoder)
		at := reflect.ValueOf(d).Elem().Field(i).Addr().UnsafePointer()
		reflect.NewAt(f.Type, at).Elem().Set(reflect.MakeSlice(f.Type, 0, 1000))
		require.InDelta(t, 1000*int(f.Type.Elem().Size()), d.Holds(), 1000*float64(f.Type.Elem().Size())/4, f.Name)
	}
	require.Positive(t, slices)
}
