package validate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/imgvet/imgvet/validate"
)

func ExampleValidate() {
	_, err := validate.Validate(context.Background(), strings.NewReader("GIF89a..."), validate.Options{})
	var refusal *validate.Error
	if errors.As(err, &refusal) {
		body, _ := json.Marshal(refusal)
		fmt.Println(string(body))
		fmt.Println(refusal.Reason)
	}
	// Output:
	// {"error":{"code":5,"message":"file corrupted"}}
	// unknown_format
}

func ExampleFile() {
	res, err := validate.File(context.Background(), "../testdata/good/png/pngsuite-basn2c08.png", validate.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	fmt.Println(res.Format, res.Width, res.Height)
	// Output: png 32 32
}

func ExampleBytes() {
	_, err := validate.Bytes(context.Background(), nil, validate.Options{})
	fmt.Println(errors.Is(err, validate.ErrEmpty))
	// Output: true
}
