package validate_test

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/imgvet/imgvet/validate"
)

// slowUpload is a file that a client sends. slots bounds how many verifications run at a time.
type slowUpload struct {
	body  io.Reader
	size  int64
	b     []byte
	slots chan struct{}
}

func (u *slowUpload) Size() int64 { return u.size }

// More gives up the slot while it waits for the client.
func (u *slowUpload) More(context.Context, int) ([]byte, bool, error) {
	<-u.slots
	part := make([]byte, 32<<10)
	n, err := io.ReadFull(u.body, part)
	u.slots <- struct{}{}
	u.b = append(u.b, part[:n]...)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return u.b, true, nil
	}
	return u.b, false, err
}

// A server verifies a file while it arrives, and holds a slot only while it works.
func ExampleReceive() {
	ctx := context.Background()
	f, err := os.Open(photo)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	upload := &slowUpload{body: f, size: -1, slots: make(chan struct{}, 2)}
	upload.slots <- struct{}{} // take a slot

	received, err := validate.Receive(ctx, upload, validate.Options{})
	if err != nil {
		fmt.Println(received.Result().Format, err)
		return
	}
	// All that must be known before the costly checks, such as a token that comes last.
	fmt.Println(received.Result().Format, received.Result().Size == int64(len(received.Bytes())))
	res, err := received.Judge(ctx, received.Bytes())
	fmt.Println(res.Width, res.Height, err)
	// Output:
	// jpeg true
	// 44 30 <nil>
}
