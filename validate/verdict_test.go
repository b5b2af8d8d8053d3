package validate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"maps"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
)

// schema is the part of JSON Schema that docs/verdict.schema.json needs.
type schema struct {
	Schema               string             `json:"$schema"`
	Title                string             `json:"title"`
	Description          string             `json:"description"`
	Type                 string             `json:"type"`
	Enum                 []any              `json:"enum"`
	Required             []string           `json:"required"`
	Properties           map[string]*schema `json:"properties"`
	AdditionalProperties *bool              `json:"additionalProperties"`
	Items                *schema            `json:"items"`
	Minimum              *float64           `json:"minimum"`
	Maximum              *float64           `json:"maximum"`
}

func readSchema(t *testing.T) *schema {
	b, err := os.ReadFile("../docs/verdict.schema.json")
	require.NoError(t, err)
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields() // a keyword that check does not know would check nothing
	var s schema
	require.NoError(t, dec.Decode(&s))
	return &s
}

// check returns what in v violates s, or "".
func (s *schema) check(v any, at string) string {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		return fmt.Sprintf("%s: %v is not in %v", at, v, s.Enum)
	}
	ok := true
	switch s.Type {
	case "string":
		_, ok = v.(string)
	case "boolean":
		_, ok = v.(bool)
	case "integer", "number":
		n, isNumber := v.(float64)
		ok = isNumber && (s.Type == "number" || n == math.Trunc(n)) &&
			(s.Minimum == nil || n >= *s.Minimum) && (s.Maximum == nil || n <= *s.Maximum)
	case "array":
		list, isList := v.([]any)
		if ok = isList; ok {
			for i, e := range list {
				if p := s.Items.check(e, fmt.Sprintf("%s[%d]", at, i)); p != "" {
					return p
				}
			}
		}
	case "object":
		o, isObject := v.(map[string]any)
		if ok = isObject; ok {
			return s.checkObject(o, at)
		}
	}
	if !ok {
		return fmt.Sprintf("%s: %v is no %s within its bounds", at, v, s.Type)
	}
	return ""
}

func (s *schema) checkObject(o map[string]any, at string) string {
	for _, name := range s.Required {
		if _, ok := o[name]; !ok {
			return at + ": lacks " + name
		}
	}
	for name, v := range o {
		member := s.Properties[name]
		if member == nil {
			return at + ": there is no " + name
		}
		if p := member.check(v, at+"."+name); p != "" {
			return p
		}
	}
	return ""
}

// members returns the JSON names of a struct's members.
func members(v any) []string {
	var names []string
	for i := range reflect.TypeOf(v).NumField() {
		name, _, _ := strings.Cut(reflect.TypeOf(v).Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// The schema in docs has the members that Verdict has, at every level.
func TestVerdictSchemaIsTheCode(t *testing.T) {
	s := readSchema(t)
	require.Equal(t, members(validate.Verdict{}), slices.Sorted(maps.Keys(s.Properties)))
	require.Equal(t, members(validate.VerdictError{}), slices.Sorted(maps.Keys(s.Properties["error"].Properties)))
	full := validate.Facts{HasEXIF: true, BitDepth: 8, Profile: validate.ProfileP3}
	require.NoError(t, json.Unmarshal([]byte(`{"exif":true,"bit_depth":8,"profile":"srgb","camera_make":"a","camera_model":"b"}`), &full))
	for member, value := range map[string]any{
		"facts":    full,
		"faces":    validate.Face{Landmarks: []image.Point{{}}, Pose: &validate.Pose{}},
		"warnings": validate.Warning{},
	} {
		b, err := json.Marshal(value)
		require.NoError(t, err)
		var o map[string]any
		require.NoError(t, json.Unmarshal(b, &o))
		in := s.Properties[member]
		if in.Items != nil {
			in = in.Items
		}
		require.Equal(t, slices.Sorted(maps.Keys(o)), slices.Sorted(maps.Keys(in.Properties)), member)
	}
}

// The verdicts of all cases follow the schema, agree with Result and Error, and survive being
// written and read.
func TestVerdictsKeepTheSchema(t *testing.T) {
	testenv.OneGoroutine(t)
	s := readSchema(t)
	n, i := 0, 0
	for c := range fuzz.Cases() {
		if i++; len(c.Data) > 1<<20 || i%3 != 0 && !testenv.Long() {
			continue
		}
		n++
		opts := validate.Options{Rules: c.Rules}
		res, err := validate.Bytes(context.Background(), c.Data, opts)
		v := validate.VerdictOf(c.Name, res, err)
		requireSchema(t, s, v)
		var refusal *validate.Error
		if errors.As(err, &refusal) {
			require.Equal(t, refusal.Code, v.Error.Code, c.Name)
			require.Equal(t, refusal.Advice(), v.Advice)
			require.Equal(t, refusal.Offset >= 0, v.Offset != nil)
		} else {
			require.Nil(t, v.Error)
			require.Equal(t, res.Facts, *v.Facts)
		}
	}
	require.Greater(t, n, 200)
}

func requireSchema(t *testing.T, s *schema, v validate.Verdict) {
	b, err := json.Marshal(v)
	require.NoError(t, err)
	var o any
	require.NoError(t, json.Unmarshal(b, &o))
	require.Empty(t, s.check(o, v.File), "%s", b)
	var back validate.Verdict
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, v, back, "%s", b)
}

// The schema check finds what it must find.
func TestSchemaCheckCanFail(t *testing.T) {
	s := readSchema(t)
	for _, bad := range []string{
		`{"file":"a","ok":true}`, `{"file":1,"ok":true,"size":0}`, `{"file":"a","ok":true,"size":-1}`, `{"file":"a","ok":true,"size":0.5}`,
		`{"file":"a","ok":true,"size":0,"more":1}`, `{"file":"a","ok":false,"size":0,"error":{"code":2,"message":""}}`,
		`{"file":"a","ok":true,"size":0,"warnings":[{"reason":"a"}]}`, `{"file":"a","ok":true,"size":0,"orientation":9}`, `[]`,
	} {
		var o any
		require.NoError(t, json.Unmarshal([]byte(bad), &o))
		require.NotEmpty(t, s.check(o, ""), bad)
	}
}

// A name that is not UTF-8, a failure, a face and advice.
func TestVerdictOf(t *testing.T) {
	s := readSchema(t)
	const name = "caf\xe9 \xff.jpg"
	v := validate.VerdictOf(name, &validate.Result{Size: 7}, errors.New("disk on fire"))
	require.Equal(t, validate.Verdict{File: "caf\ufffd \ufffd.jpg", FileBase64: "Y2Fm6SD/LmpwZw==", Size: 7, Failure: "disk on fire"}, v)
	require.Equal(t, name, v.FileName())
	requireSchema(t, s, v)
	require.Equal(t, "é.jpg", validate.VerdictOf("é.jpg", nil, nil).FileName())

	faces := []validate.Face{{Bounds: image.Rect(1, 2, 31, 42), Score: 0.875, Landmarks: []image.Point{{X: 3, Y: 4}}, Pose: &validate.Pose{Yaw: -21, Pitch: 4, Roll: 180}}}
	res := &validate.Result{Faces: faces, Warnings: []validate.Warning{{validate.FaceBlurred, -1, "out of focus"}, {validate.FillBytes, 0, "fill"}}}
	v = validate.VerdictOf("a", res, nil)
	requireSchema(t, s, v)
	b, err := json.Marshal(v)
	require.NoError(t, err)
	require.Equal(t, `{"file":"a","ok":true,"size":0,`+
		`"faces":[{"x":1,"y":2,"width":30,"height":40,"score":0.875,"landmarks":[[3,4]],"pose":{"yaw":-21,"pitch":4,"roll":180}}],`+
		`"warnings":[{"reason":"face_blurred","text":"out of focus"},{"reason":"fill_bytes","offset":0,"text":"fill"}]}`, string(b))
	b, err = json.Marshal(validate.Face{Pose: &validate.Pose{Yaw: -21.4, Pitch: 3.6, Roll: 179.5}})
	require.NoError(t, err)
	require.Contains(t, string(b), `"pose":{"yaw":-21,"pitch":4,"roll":180}`)

	_, err = validate.Bytes(context.Background(), encodePNG(t, image.NewGray(image.Rect(0, 0, 9, 9))), validate.Options{Rules: validate.Rules{MinWidth: 10}})
	v = validate.VerdictOf("a", nil, err)
	require.Equal(t, []int64{10, 9}, []int64{v.Limit, v.Got})
	require.Equal(t, "Options.Rules.MinWidth", v.Detail)
	requireSchema(t, s, v)
}
