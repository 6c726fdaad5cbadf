<?php
// CONFAB_KEY=… php worker.php 127.0.0.1:6790 orders     PHP 8.1 or later, nothing to install
class Refused extends RuntimeException {}

final class Server {
    private $socket;
    private array $records = [];
    private int $calls = 0;

    function __construct(string $address, string $key) {
        $this->socket = @stream_socket_client("tcp://$address", $code, $error, 10) ?: throw new RuntimeException($error);
        stream_set_timeout($this->socket, 20);
        $this->write("GET /ws/v1 HTTP/1.1\r\nHost: $address\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-API-Key: $key\r\n"
            . "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " . base64_encode(random_bytes(16)) . "\r\n\r\n");
        $status = (string) fgets($this->socket);
        str_contains($status, ' 101 ') || throw new RuntimeException("not a WebSocket: $status");
        while (trim((string) fgets($this->socket)) !== '');
    }

    private function write(string $bytes): void {
        for (; $bytes !== ''; $bytes = substr($bytes, $written)) {
            $written = @fwrite($this->socket, $bytes) ?: throw new RuntimeException('connection lost');
        }
    }

    private function send(string $text, int $type = 1): void {
        [$length, $mask] = [strlen($text), random_bytes(4)];
        $size = $length < 126 ? chr(128 | $length) : ($length < 65536 ? chr(254) . pack('n', $length) : chr(255) . pack('J', $length));
        $this->write(chr(128 | $type) . $size . $mask . ($text ^ str_repeat($mask, intdiv($length, 4) + 1)));
    }

    private function bytes(int $count, bool $idle = false): string {
        for ($bytes = ''; strlen($bytes) < $count; $bytes .= $more) {
            $more = (string) fread($this->socket, $count - strlen($bytes));
            if ($more === '') {
                $idle && stream_get_meta_data($this->socket)['timed_out'] || throw new RuntimeException('connection lost');
                $this->send('ping'); // nothing came for 20 s; the next time it must be the pong, at least
                $idle = false;
            }
        }
        return $bytes;
    }

    private function frame(): array {
        for ($text = ''; ; ) {
            [$first, $length] = array_values(unpack('C2', $this->bytes(2, true)));
            $length = match ($length) {
                126 => unpack('n', $this->bytes(2))[1],
                127 => unpack('J', $this->bytes(8))[1],
                default => $length,
            };
            $part = $length ? $this->bytes($length) : '';
            match ($first & 15) {
                0, 1 => $text .= $part,
                8 => throw new RuntimeException('closed by the server: ' . substr($part, 2)),
                9 => $this->send($part, 10),
                default => null,
            };
            if ($first >= 128 && ($first & 15) < 8) {
                if ($text !== 'pong') {
                    return json_decode($text, true, 512, JSON_BIGINT_AS_STRING | JSON_THROW_ON_ERROR);
                }
                $text = '';
            }
        }
    }

    /** Asks for something, and waits for the answer. */
    function call(string $method, array $parameters): array {
        $this->send(json_encode(['m' => $method, 'p' => $parameters, 'i' => ++$this->calls], JSON_THROW_ON_ERROR));
        while (true) {
            $frame = $this->frame();
            if (isset($frame['e'])) {
                $this->records[] = $frame['p'];
            } elseif ($frame['i'] === $this->calls) {
                isset($frame['E']) && throw new Refused("$method: {$frame['E']['c']} {$frame['E']['m']}");
                return $frame['r'];
            }
        }
    }

    /** Waits for the next record. */
    function record(): array {
        return array_shift($this->records) ?? $this->frame()['p'];
    }
}

function work(Server $server, string $connection, array $record, string $id): void {
    if ($record['event'] !== 'message') {
        return;
    }
    ['op' => $op, 'args' => $args] = json_decode($record['frame']['data'], true, 512, JSON_THROW_ON_ERROR);
    // If it comes again, it is not said again: it has the same id.
    $server->call('mesh.publish', ['c' => 'room_kitchen', 'd' => $record['frame']['data'], 'k' => $id]);
    try {
        $server->call('mesh.send', ['c' => $connection, 'd' => "$op $args[0]: done"]);
    } catch (Refused $gone) {
        fwrite(STDERR, $gone->getMessage() . "\n"); // who ordered may be gone; the order stands
    }
}

[, $address, $queue] = $argv;
for ($pause = 200_000; ; usleep(random_int(intdiv($pause, 2), $pause)), $pause = min(2 * $pause, 30_000_000)) {
    try {
        $server = new Server($address, getenv('CONFAB_KEY'));
        $server->call('queue.pop', ['t' => [$queue], 'w' => 8]);
        $pause = 200_000;
        while (true) {
            ['t' => $t, 'c' => $c, 'd' => $d, 'k' => $k, 'id' => $id] = $server->record();
            $done = true;
            try {
                work($server, $c, $d, $id);
            } catch (Refused | JsonException $failure) {
                fwrite(STDERR, $failure->getMessage() . "\n");
                $done = false;
            }
            try {
                $server->call($done ? 'queue.ack' : 'queue.nack', ['t' => $t, 'k' => $k]);
            } catch (Refused $late) {
                fwrite(STDERR, $late->getMessage() . "\n"); // another worker has it
            }
        }
    } catch (RuntimeException $lost) {
        fwrite(STDERR, $lost->getMessage() . "\n"); // and again
    }
}
