package middleware

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
)

// Problems returns everything that is wrong with o, including o.Validate, in one error (see
// [errors.Join]), or nil.
func (o Options) Problems() error {
	errs := []error{o.Validate.Problems()}
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("middleware: Options."+format, args...))
	}
	o.fieldProblems(bad)
	if o.JSONField == tokenField || len(o.JSONField) > maxFieldName {
		bad("JSONField is %q; it must not be the token's, nor longer than %d bytes", o.JSONField, maxFieldName)
	}
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"MaxRequestBytes", o.MaxRequestBytes},
		{"MemoryThreshold", o.MemoryThreshold},
		{"MaxMemory", o.MaxMemory},
		{"MaxTempBytes", o.MaxTempBytes},
		{"MaxClientBytes", o.MaxClientBytes},
		{"MaxParts", int64(o.MaxParts)},
		{"MaxVerifications", int64(o.MaxVerifications)},
		{"MaxWait", int64(o.MaxWait)},
		{"IdleTimeout", int64(o.IdleTimeout)},
		{"MinRate", o.MinRate},
		{"ReceiveTimeout", int64(o.ReceiveTimeout)},
		{"MaxDrainBytes", o.MaxDrainBytes},
		{"MaxDrainTime", int64(o.MaxDrainTime)},
		{"RetryAfter", int64(o.RetryAfter)},
	} {
		if n.value < 0 {
			bad("%s is %d; it must not be negative", n.name, n.value)
		}
	}
	d := o.withDefaults()
	if o.MaxRequestBytes > 0 && d.MaxRequestBytes < d.Validate.MaxBytes {
		bad("MaxRequestBytes is %d, less than one file of Validate.MaxBytes, %d", d.MaxRequestBytes, d.Validate.MaxBytes)
	}
	if o.MaxClientBytes > 0 && d.MaxClientBytes < d.MaxRequestBytes {
		bad("MaxClientBytes is %d, less than one request of MaxRequestBytes, %d", d.MaxClientBytes, d.MaxRequestBytes)
	}
	if o.MaxMemory > 0 && o.MaxVerifications >= 0 && d.MaxMemory < d.verificationBytes()+d.MemoryThreshold {
		bad("MaxMemory is %d; %d verifications and one body need %d",
			d.MaxMemory, d.MaxVerifications, d.verificationBytes()+d.MemoryThreshold)
	}
	if o.TempDir != "" {
		if info, err := os.Stat(o.TempDir); err != nil {
			bad("TempDir: %w", err)
		} else if !info.IsDir() {
			bad("TempDir is %q, not a directory", o.TempDir)
		}
	}
	if o.Status != nil {
		for _, c := range documentedCodes() {
			if s := o.Status(c); s < 400 || s > 599 {
				bad("Status(%d) is %d; a refusal has a status of 400 to 599", c, s)
			}
		}
	}
	return errors.Join(errs...)
}

// fieldProblems reports to bad what is wrong with the options about fields.
func (o Options) fieldProblems(bad func(format string, args ...any)) {
	if o.Fields != nil && len(o.Fields) == 0 {
		bad("Fields is empty; nil means every file part")
	}
	for i, name := range o.Fields {
		switch {
		case name == "" || len(name) > maxFieldName:
			bad("Fields[%d] has %d bytes; 1 to %d are possible", i, len(name), maxFieldName)
		case name == tokenField:
			bad("Fields[%d] is %q, the field of the token", i, name)
		case slices.Contains(o.Fields[:i], name):
			bad("Fields[%d] is %q again", i, name)
		}
	}
	if o.OtherFiles && o.Fields == nil {
		bad("OtherFiles is set without Fields: no field is another one")
	}
	for _, name := range slices.Sorted(maps.Keys(o.FieldRules)) {
		rule := o.FieldRules[name]
		if name == "" || len(name) > maxFieldName || name == tokenField {
			bad("FieldRules has a rule for %q, which is no field of files", name)
		}
		if o.Fields != nil && !slices.Contains(o.Fields, name) {
			bad("FieldRules has a rule for %q, which is not in Fields", name)
		}
		if rule.MaxFiles < 0 {
			bad("FieldRules[%q].MaxFiles is %d; it must not be negative", name, rule.MaxFiles)
		}
	}
}
