// Command llm turns a picture into a message for a vision model, or says why not.
//
//	go run . photo.jpg
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// rules are those of the model: its provider's page says them. A HEIC or BMP would be answered 400.
func rules() validate.Options {
	return validate.Options{
		MaxBytes: 5 << 20,
		Formats:  []detect.Format{detect.PNG, detect.JPEG, detect.WebP},
		Rules:    validate.Rules{MaxWidth: 8000, MaxHeight: 8000, MaxFrames: 1},
	}
}

// message returns the part of a conversation that shows a picture. The error is an advice for the
// person who sent it: nothing broken enters the conversation, where every later call would fail.
func message(ctx context.Context, picture []byte) (json.RawMessage, error) {
	res, err := validate.Bytes(ctx, picture, rules())
	var refusal *validate.Error
	switch {
	case errors.As(err, &refusal):
		return nil, errors.New(refusal.Advice())
	case err != nil:
		return nil, err
	}
	url := "data:" + res.Format.MIME() + ";base64," + base64.StdEncoding.EncodeToString(picture)
	return json.Marshal(map[string]any{"type": "image_url", "image_url": map[string]string{"url": url}})
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: llm PICTURE")
		os.Exit(2)
	}
	picture, err := os.ReadFile(os.Args[1])
	if err == nil {
		var part json.RawMessage
		if part, err = message(context.Background(), picture); err == nil {
			fmt.Println(string(part))
			return
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
