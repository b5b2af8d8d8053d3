<?php
// Answers the list of files that PHP found in a request, whatever its path.
$files = [];

// see walks the arrays that PHP makes of names with brackets.
function see($field, $name, $path, $error) {
    global $files;
    if (is_array($name)) {
        foreach ($name as $key => $each) {
            see("{$field}[{$key}]", $each, $path[$key], $error[$key]);
        }
    } elseif ($error === UPLOAD_ERR_OK) {
        $files[] = ['field' => (string) $field, 'name' => $name, 'size' => filesize($path), 'sha256' => hash_file('sha256', $path)];
    }
}

foreach ($_FILES as $field => $file) {
    see($field, $file['name'], $file['tmp_name'], $file['error']);
}
header('Content-Type: application/json');
echo json_encode(['files' => $files], JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR);
