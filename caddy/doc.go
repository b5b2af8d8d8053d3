// Package imgvetcaddy is imgvet for Caddy: a handler that checks uploads before they reach
// reverse_proxy, php_fastcgi or any other handler. It is a module of its own, so that others
// do not depend on Caddy. Build a Caddy that has it with xcaddy:
//
//	xcaddy build --with github.com/imgvet/imgvet/caddy
//
// The module is http.handlers.imgvet, the directive imgvet. Each of its subdirectives may be
// left out:
//
//	example.com {
//		imgvet /upload* {
//			strict                      # or: lenient
//			formats png jpeg
//			max_size 10MiB              # files of this size or more are refused
//			max_pixels 50000000
//			max_work 40000000
//			min_width 64
//			min_height 64
//			max_width 8000
//			max_height 8000
//			min_aspect 0.5
//			max_aspect 2
//			max_frames 1
//			face                        # pictures without a face are refused
//			fields photo avatar         # files in other fields are refused
//			other_files                 # ... or pass, with this
//			optional                    # requests without a file pass
//			refuse_type_mismatch
//			json_field image
//			decode_content
//			problem_json
//			rewrite off                 # hand forms on as they came
//			max_request_size 32MiB
//			max_memory 512MiB
//			max_temp_size 2GiB
//			max_client_size 1GiB
//			temp_dir /var/tmp
//			max_verifications 4
//			max_wait 10s
//			idle_timeout 20s
//			min_rate 1KiB
//			receive_timeout 10m
//		}
//		reverse_proxy localhost:9000
//	}
//
// In JSON the names are those of [Handler]. Sizes there are numbers of bytes.
//
// # What a client sees
//
// A refused upload gets the canonical body, such as {"error":{"code":5,"message":"file
// corrupted"}}, with its status. handle_errors does not see it, as it does not see the answers of
// reverse_proxy. The rest is as docs/http.md in the repository says of the middleware.
//
// # What an operator sees
//
// Placeholders tell what became of the request, for log_append, headers and matchers behind
// the handler: {http.imgvet.outcome} (passed, refused, failed), and where it is known
// {http.imgvet.format}, {http.imgvet.width}, {http.imgvet.height}, {http.imgvet.code} and
// {http.imgvet.reason}. Of several files, it is the one that was refused, or the last.
//
// The metrics of observe/prometheus are in Caddy's registry, and so behind its metrics endpoint. They
// start again when a configuration is loaded. Each refusal is a line of the logger
// http.handlers.imgvet at level INFO, each of our own failures one at level ERROR.
//
// # Budgets
//
// Handlers with the same budgets (memory, temporary files, verifications, and the sizes of
// files and requests) share them: ten sites with the same limits are not allowed ten times
// the memory. A configuration that is loaded anew goes on with those of the one before. The
// client is Caddy's client IP, so that trusted_proxies counts.
package imgvetcaddy
