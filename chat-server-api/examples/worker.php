<?php
// CONFAB_KEY=… php worker.php start     needs: composer require workerman/workerman
require __DIR__ . '/vendor/autoload.php';

use Workerman\Connection\AsyncTcpConnection;
use Workerman\Timer;
use Workerman\Worker;

$worker = new Worker();
$worker->onWorkerStart = function () {
    $socket = new AsyncTcpConnection('ws://127.0.0.1:6790/ws/v1');
    $socket->headers = ['X-API-Key' => getenv('CONFAB_KEY')];
    $next = 0;
    $call = function (string $m, array $p) use ($socket, &$next) {
        $socket->send(json_encode(['m' => $m, 'p' => $p, 'i' => ++$next], JSON_THROW_ON_ERROR));
    };
    $socket->onWebSocketConnect = fn () => $call('queue.pop', ['t' => ['orders'], 'w' => 1]);
    $socket->onMessage = function ($socket, string $data) use ($call) {
        if ($data === 'pong') {
            return;
        }
        $frame = json_decode($data, true, 512, JSON_BIGINT_AS_STRING | JSON_THROW_ON_ERROR);
        if (($frame['e'] ?? null) !== 'queue.pop') {
            if (isset($frame['E'])) {
                echo $frame['E']['c'], ': ', $frame['E']['m'], "\n";
            }
            return;
        }
        ['t' => $t, 'c' => $c, 'd' => $d, 'k' => $k] = $frame['p'];
        try {
            if ($d['event'] === 'message') {
                $asked = json_decode($d['frame']['data'], true, 512, JSON_THROW_ON_ERROR);
                $call('mesh.send', ['c' => $c, 'd' => $asked['op'] . ': done']);
            }
            $call('queue.ack', ['t' => $t, 'k' => $k]); // behind what was sent: done in this order
        } catch (Throwable $failure) {
            echo $failure->getMessage(), "\n";
            $call('queue.nack', ['t' => $t, 'k' => $k]);
        }
    };
    Timer::add(20, fn () => $socket->send('ping'));
    $socket->onClose = fn ($socket) => $socket->reConnect(1);
    $socket->connect();
};
Worker::runAll();
